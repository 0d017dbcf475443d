"""What clients name by an id, and what they are told when there is none: images, stagings and batches, each a job."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel.errors import NotFound
from vitrine.kernel.ids import is_id

T = TypeVar("T")


@dataclass(frozen=True)
class Resource:
    """`prefixes` are those of its ids: as they are made, and as they were made until 2026-11-28."""

    name: str
    prefixes: tuple[str, ...]

    def absent(self) -> NotFound:
        return NotFound(f"There is no such {self.name}.", code=f"{self.name}_not_found")

    def check(self, job_id: str) -> None:
        """Raises `NotFound` for what could not be its id: that is never looked up."""
        if not is_id(job_id, *self.prefixes):
            raise self.absent()

    def find(self, tenant: str, job_id: str) -> Job:
        """Raises `NotFound`."""
        self.check(job_id)
        job = jobs.seek(tenant, job_id)
        if job is None:
            raise self.absent()
        return job

    def change(self, job_id: str, to: Callable[[], T]) -> T:
        """What `to` does with the job. Raises `NotFound` in the words of the resource, and what else `to` raises."""
        self.check(job_id)
        try:
            return to()
        except NotFound:
            raise self.absent() from None


IMAGE = Resource("image", ("img",))
STAGING = Resource("staging", ("staging", "stg"))
BATCH = Resource("batch", ("batch", "bat"))
