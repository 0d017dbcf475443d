"""Jobs in DynamoDB.

| item  | pk                     | sk               | also                                                          |
|-------|------------------------|------------------|---------------------------------------------------------------|
| JOB   | tenant#job             | JOB              | by_deadline while it is open or has pictures to delete; by_batch |
| EVENT | tenant#job             | EVENT#000001     | inserted with the state it tells of; leaves by the stream     |
| TOKEN | tenant#job             | TOKEN#001        | the task token of an attempt                                  |
| WAIT  | tenant#ASSET#asset     | job              | a job that may be waiting for that upload                     |
"""

import heapq
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from vitrine.jobs.models import Job, JobEvent, JobState, TaskToken
from vitrine.jobs.rules import KEPT, event_of, images_due
from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s, timestamp
from vitrine.kernel.errors import AppError, Conflict, NotFound
from vitrine.kernel.observability import crash_fields, logger
from vitrine.kernel.tables import Table, Write

_BY_DEADLINE, _BY_BATCH = schema.JOBS.indexes
# One open partition would be hot above 1,000 changes a second; four are enough for 4,000.
SHARDS = 4


class _ByDeadline(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = _BY_DEADLINE.name
        projection = AllProjection()

    open_shard: Any = UnicodeAttribute(hash_key=True)
    deadline: Any = UnicodeAttribute(range_key=True)


class _ByBatch(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = _BY_BATCH.name
        projection = AllProjection()

    batch: Any = UnicodeAttribute(hash_key=True)
    pk: Any = UnicodeAttribute(range_key=True)


class Item(Table):
    class Meta:
        table_name = schema.JOBS.deployed_name()

    kind: Any = DiscriminatorAttribute()

    by_deadline = _ByDeadline()
    by_batch = _ByBatch()


class _JobItem(Item, discriminator="JOB"):
    version: Any = NumberAttribute()
    open_shard: Any = UnicodeAttribute(null=True)
    deadline: Any = UnicodeAttribute(null=True)
    batch: Any = UnicodeAttribute(null=True)
    state: Any = UnicodeAttribute()
    body: Any = UnicodeAttribute()


class _EventItem(Item, discriminator="EVENT"):
    body: Any = UnicodeAttribute()


class _TokenItem(Item, discriminator="TOKEN"):
    body: Any = UnicodeAttribute()


class _WaitItem(Item, discriminator="WAIT"):
    pass


class StaleJob(Conflict):
    """Somebody else changed the job since it was read. Read it again."""

    code = "stale_job"


class JobExists(Conflict):
    """A job with this id is there already: the same request, made before."""

    code = "job_exists"


def get(tenant: str, job_id: str) -> Job | None:
    try:
        item = _JobItem.get(_pk(tenant, job_id), "JOB", consistent_read=True)
    except _JobItem.DoesNotExist:
        return None
    return Job.model_validate_json(item.body)


def search(job_id: str) -> Job | None:
    """Whosever it is, by a scan of the whole table: for operators alone, whose credentials allow one."""
    found = _JobItem.scan(_JobItem.pk.contains(f"#{job_id}"))
    return next((Job.model_validate_json(item.body) for item in found if item.pk.endswith(f"#{job_id}")), None)


def get_all(tenant: str, job_ids: Collection[str]) -> dict[str, Job]:
    """Those of the jobs that there are, by their ids; one request for each 100."""
    keys = [(_pk(tenant, job_id), "JOB") for job_id in job_ids]
    found = (Job.model_validate_json(item.body) for item in _JobItem.batch_get(keys, consistent_read=True))
    return {job.id: job for job in found}


def insert(job: Job) -> tuple[Write, ...]:
    """Conflicts with `JobExists`. A job with an upload also leaves a WAIT item, whichever of the two comes first."""
    writes = (
        tables.put(_item(job), _JobItem.pk.does_not_exist(), lambda: JobExists("This job exists.")),
        _event(job),
    )
    if job.asset_id is None:
        return writes
    wait = _WaitItem(_asset_pk(job.tenant, job.asset_id), job.id, expires_at=epoch_s(job.created_at + KEPT))
    return (*writes, tables.put(wait, None, lambda: StaleJob("")))


def replace(job: Job) -> tuple[Write, ...]:
    """The next version of a job and its event. `StaleJob` unless the stored one is the version before."""
    condition = _JobItem.version == job.version - 1
    return (
        tables.put(_item(job), condition, lambda: StaleJob("The job was changed meanwhile.")),
        _event(job),
    )


def still_queued(tenant: str, job_id: str, conflict: Callable[[], AppError]) -> Write:
    """Holds a transaction to the job being there and queued."""
    return tables.check(_JobItem, (_pk(tenant, job_id), "JOB"), _JobItem.state == JobState.QUEUED.value, conflict)


def events_after(tenant: str, job_id: str, number: int) -> list[JobEvent]:
    """The events past `number`, in order, as of now."""
    items = _EventItem.query(
        _pk(tenant, job_id), _EventItem.sk.between(_event_sk(number + 1), _event_sk(999_999)), consistent_read=True
    )
    return [JobEvent.model_validate_json(item.body) for item in items]


def waiting_for(tenant: str, asset_id: str) -> list[str]:
    """Ids of the jobs that were queued for this upload, read consistently: a commit before this call is seen."""
    return [item.sk for item in _WaitItem.query(_asset_pk(tenant, asset_id), consistent_read=True)]


def hasten(job: Job, deadline: datetime) -> Write:
    """Bring an open job's deadline forward. It is no change of state, so version and events stay as they are."""
    return rewrite(job.model_copy(update={"deadline": deadline}))


def release(job: Job) -> Write:
    """A held job may go. It is no change of state, so version and events stay as they are."""
    return rewrite(job.model_copy(update={"held": False}))


def rewrite(job: Job) -> Write:
    """What is no change of state: version and events stay as they are. `StaleJob` unless the stored version is this."""
    unchanged = _JobItem.version == job.version
    return tables.put(_item(job), unchanged, lambda: StaleJob("The job was changed meanwhile."))


def of_batch(tenant: str, batch_id: str) -> list[Job]:
    """The jobs of a batch, as the index knows them: what was written within the last second may be missing."""
    return [Job.model_validate_json(item.body) for item in _JobItem.by_batch.query(f"{tenant}#{batch_id}")]


def due_by(moment: datetime) -> Iterator[Job]:
    """Open jobs whose deadline is before that moment."""
    return _open(_ByDeadline.deadline < timestamp(moment))


def queued_a_while(now: datetime, since: timedelta, may_wait: timedelta) -> Iterator[Job]:
    """Jobs queued more than two minutes and less than `since` ago that still wait: their start may have been lost.

    They are known by their deadline, which was `may_wait` away when they were queued.
    """
    oldest, newest = (timestamp(now + may_wait - age) for age in (since, timedelta(minutes=2)))
    return (job for job in _open(_ByDeadline.deadline.between(oldest, newest)) if job.state is JobState.QUEUED)


def images_past_due(now: datetime) -> Iterator[Job]:
    """Jobs whose pictures are to be deleted by now, the longest overdue first."""
    return _indexed("IMAGES", _ByDeadline.deadline < timestamp(now))


def count_images_past_due(now: datetime) -> int:
    past = _ByDeadline.deadline < timestamp(now)
    return sum(_JobItem.by_deadline.count(f"IMAGES#{shard}", past) for shard in range(SHARDS))


def postpone_images(job: Job, due: datetime) -> Write:
    """Let the job's pictures go later. It moves in the index alone: what the record says is not touched."""
    item = _JobItem(_pk(job.tenant, job.id), "JOB")
    return tables.update(
        item, [_JobItem.deadline.set(timestamp(due))], _JobItem.open_shard.exists(), lambda: StaleJob("It is done.")
    )


def images_deleted(job: Job, now: datetime) -> Write:
    """Note that the job's pictures are gone. It is no change of state, so version and events stay as they are."""
    return rewrite(job.model_copy(update={"images_deleted_at": now}))


def _open(deadlines: Condition) -> Iterator[Job]:
    return _indexed("OPEN", deadlines)


def _indexed(group: str, deadlines: Condition) -> Iterator[Job]:
    """Jobs by a deadline, the earliest of all shards first. One that cannot be read is logged, and hides no other."""
    shards = (_JobItem.by_deadline.query(f"{group}#{shard}", deadlines) for shard in range(SHARDS))
    for item in heapq.merge(*shards, key=lambda item: item.deadline):
        try:
            yield Job.model_validate_json(item.body)
        except ValidationError as error:
            logger.error("job cannot be read", key=item.pk, **crash_fields(error))


def put_token(token: TaskToken, now: datetime) -> tuple[Write, ...]:
    """Only beside its job: an erasure that came between leaves no token behind. Conflicts with `NotFound`."""
    item = _TokenItem(
        _pk(token.tenant, token.job_id),
        f"TOKEN#{token.attempt:03}",
        body=token.model_dump_json(),
        expires_at=epoch_s(now + KEPT),
    )
    there = (_pk(token.tenant, token.job_id), "JOB")
    return (
        tables.check(_JobItem, there, _JobItem.pk.exists(), lambda: NotFound("There is no such job.")),
        tables.put(item, None, lambda: StaleJob("")),
    )


def get_token(tenant: str, job_id: str, attempt: int) -> TaskToken | None:
    try:
        item = _TokenItem.get(_pk(tenant, job_id), f"TOKEN#{attempt:03}", consistent_read=True)
    except _TokenItem.DoesNotExist:
        return None
    return TaskToken.model_validate_json(item.body)


def latest_attempt(tenant: str, job_id: str) -> int:
    """The number of the attempt that was begun last; 0 before the first."""
    items = _TokenItem.query(
        _pk(tenant, job_id), _TokenItem.sk.startswith("TOKEN#"), scan_index_forward=False, limit=1, consistent_read=True
    )
    return max((int(item.sk.removeprefix("TOKEN#")) for item in items), default=0)


def event_from_image(image: dict[str, Any]) -> JobEvent:
    """The event in a stream record's NewImage, in DynamoDB's JSON."""
    return JobEvent.model_validate_json(image["body"]["S"])


def _item(job: Job) -> _JobItem:
    item = _JobItem(
        _pk(job.tenant, job.id),
        "JOB",
        version=job.version,
        state=job.state.value,
        body=job.model_dump_json(),
    )
    if job.state.is_over:
        item.expires_at = epoch_s(job.updated_at + KEPT)
        if due := images_due(job):
            item.open_shard, item.deadline = f"IMAGES#{_shard(job.id)}", timestamp(due)
    else:
        item.open_shard = f"OPEN#{_shard(job.id)}"
        item.deadline = timestamp(job.deadline)
    if job.batch is not None:
        item.batch = f"{job.tenant}#{job.batch}"
    return item


def _event(job: Job) -> Write:
    event = event_of(job)
    item = _EventItem(
        _pk(job.tenant, job.id),
        _event_sk(event.number),
        body=event.model_dump_json(),
        expires_at=epoch_s(event.at + KEPT),
    )
    return tables.put(item, _EventItem.pk.does_not_exist(), lambda: StaleJob("The job was changed meanwhile."))


def _shard(job_id: str) -> int:
    return sum(job_id.encode()) % SHARDS


def _pk(tenant: str, job_id: str) -> str:
    return f"{tenant}#{job_id}"


def _asset_pk(tenant: str, asset_id: str) -> str:
    return f"{tenant}#ASSET#{asset_id}"


def _event_sk(number: int) -> str:
    return f"EVENT#{number:06}"
