"""All kinds of work, in one list: what starts, recovers and ends work knows these and no others.

A kind is declared in its context's `kinds.py`. Whatever starts work imports this module, so that a kind that is missing
here is an error at its start, and no job of it is left lying.
"""

from vitrine.capture.kinds import INSPECT
from vitrine.capture.publishing.kinds import EXPORT
from vitrine.staging.kinds import BATCH, STAGE
from vitrine.work.kinds import Kinds

KINDS = Kinds(STAGE, BATCH, INSPECT, EXPORT)
