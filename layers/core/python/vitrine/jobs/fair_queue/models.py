from pydantic import AwareDatetime, Field

from vitrine.kernel.record import Record


class Holder(Record):
    """A job at work, and the slot that it holds since then."""

    tenant: str
    job_id: str
    slot: int = Field(ge=0)
    since: AwareDatetime


class Place(Record):
    """A job's place in the queue; lower tags come first."""

    tenant: str
    job_id: str
    tag: int = Field(ge=0)
    since: AwareDatetime


SlotOrPlace = Holder | Place
"""What a job has: a slot, or a place in the queue for one."""
