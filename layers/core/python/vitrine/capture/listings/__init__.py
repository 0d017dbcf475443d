"""Lists of sessions: pages at any depth, with exact totals, for the same number of reads however many there are."""
