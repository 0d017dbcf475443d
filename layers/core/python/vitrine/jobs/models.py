from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field

from vitrine.kernel.record import Record


class JobKind(StrEnum):
    """What sort of work a job is. Only a kind that `vitrine.kinds_of_work` lists can be queued and started."""

    STAGE = "stage"
    BATCH = "batch"
    INSPECT = "inspect"
    PLACE = "place"
    ANALYSE = "analyse"
    EXPORT = "export"
    IMPORT = "import"
    SYNC = "sync"


class Metering(Record):
    """The request that a job's usage is counted under: one staging, or a batch of `photos` jobs. `at` says when."""

    request: str
    at: AwareDatetime
    photos: int = Field(ge=1)


class JobState(StrEnum):
    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    ERROR = "error"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (JobState.READY, JobState.ERROR, JobState.CANCELLED)


class JobError(Record):
    """Why a job ended in error: a stable code for machines, a message that its owner may read."""

    code: str
    message: str


class Job(Record):
    """One piece of long work.

    `subject` is what it belongs to (a project), `batch` the job it is a part of, `asset_id` the upload it waits for,
    `credits` what it holds, `metered` the request whose usage pays for it instead. While `held`, it waits: its batch
    lets a few go at once. `input` and `result` belong to the context that queued it. `version` grows by one with every
    change, and is the number of the event that tells of it. A job that is not over by `deadline` is ended by the
    recovery. Its pictures are deleted `pictures_kept_days` after its end, if that is said, or when their owner
    withdraws them; the record then says when.
    """

    id: str
    tenant: str
    kind: JobKind
    state: JobState
    version: int = Field(ge=1)
    subject: str
    batch: str | None = None
    asset_id: str | None = None
    credits: int = Field(default=0, ge=0)
    metered: Metering | None = None
    held: bool = False
    input: dict[str, Any]
    result: dict[str, Any] | None = None
    error: JobError | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    started_at: AwareDatetime | None = None
    deadline: AwareDatetime
    pictures_kept_days: int | None = Field(default=None, ge=1)
    images_withdrawn_at: AwareDatetime | None = None
    images_deleted_at: AwareDatetime | None = None

    @property
    def has_images(self) -> bool:
        """Whether its pictures may be shown: their owner has not withdrawn them, and their time has not come."""
        return self.images_withdrawn_at is None and self.images_deleted_at is None


class JobEventType(StrEnum):
    QUEUED = "JobQueued"
    STARTED = "JobStarted"
    COMPLETED = "JobCompleted"
    FAILED = "JobFailed"
    CANCELLED = "JobCancelled"


class JobEvent(Record):
    """What happened to a job: `number` counts from 1 within the job and equals the version it led to."""

    job_id: str
    tenant: str
    kind: JobKind
    subject: str
    batch: str | None = None
    asset_id: str | None
    number: int
    type: JobEventType
    state: JobState
    at: AwareDatetime
    queued_at: AwareDatetime
    started_at: AwareDatetime | None = None
    error: JobError | None = None


class TaskToken(Record):
    """The Step Functions token that one attempt's inference answers to; at attempt 0, the job's end does."""

    tenant: str
    job_id: str
    attempt: int
    token: str
