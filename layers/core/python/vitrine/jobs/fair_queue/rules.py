"""Start-time fair queuing (Goyal, Vin and Cheng, SIGCOMM 1996) where every job weighs the same.

A tenant's jobs are tagged one after the other, and never below the virtual time: the highest tag that was served. The
lowest tag comes next. So tenants are served in turn, each in its own order, and a tenant that comes anew waits
at most for one job of each other tenant, however many wait; nobody saves up a share by staying away.
"""

import zlib
from collections.abc import Collection
from datetime import datetime, timedelta

from vitrine.jobs.fair_queue.models import Holder

IDLE_FOR = timedelta(minutes=2)
"""A holder's job starts and ends by events within seconds; after this, the sweep looks whether one was lost."""


def next_tag(virtual: int, last: int) -> int:
    """The tag of a tenant's next job, after its `last`."""
    return max(virtual, last) + 1


def order(tag: int, job_id: str) -> str:
    """Sorts as text: by tag, and among equal tags the older job first, since ids sort by age."""
    return f"{tag:015}#{job_id}"


def first_slot(job_id: str, limit: int) -> int:
    """Where a job looks first. Spread, so that jobs that come at once meet at different items."""
    return zlib.crc32(job_id.encode()) % limit


def free(taken: Collection[int], limit: int) -> list[int]:
    return [slot for slot in range(limit) if slot not in taken]


def is_idle(holder: Holder, now: datetime) -> bool:
    return holder.since < now - IDLE_FOR
