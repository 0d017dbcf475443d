"""By which thresholds an organisation's and a site's frames are judged: versions, of which the last one holds."""
