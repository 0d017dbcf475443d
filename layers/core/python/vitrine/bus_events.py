"""All events of the bus, in one list: the committed schemas are made from it. Each is declared in its context's
`events.py`."""

from vitrine.assets import events as assets
from vitrine.capture.telling import events as capture
from vitrine.jobs import events as jobs
from vitrine.staging import events as staging

EVENT_TYPES = (*assets.EVENT_TYPES, *jobs.EVENT_TYPES, *staging.EVENT_TYPES, *capture.EVENT_TYPES)
