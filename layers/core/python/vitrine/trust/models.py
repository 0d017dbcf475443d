from pydantic import AwareDatetime, Field

from vitrine.kernel.record import Record


class Export(Record):
    """What was written out: items by table, and pictures."""

    tenant: str
    at: AwareDatetime
    items: dict[str, int]
    pictures: int


class Erasure(Record):
    """That somebody was erased, without saying who: `subject` is a digest of the tenant's id, for whoever knows it.

    Numbers add up over the runs that it took. Until `settles_at`, work that was cancelled may still put down results,
    and who had signed in may bring more; `finished_at` is when a run after that found nothing any more.
    """

    subject: str
    started_at: AwareDatetime
    settles_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    jobs_cancelled: int = Field(default=0, ge=0)
    items: int = Field(default=0, ge=0)
    objects: int = Field(default=0, ge=0)
