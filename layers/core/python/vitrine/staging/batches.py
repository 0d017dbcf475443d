"""Many photos of one home: a batch is a job whose photos are jobs of their own.

The batch, its usage, the records of uploads that came with the request and the first photos are one transaction. More
photos follow in transactions of bounded size, under ids that the batch knows from the start: whoever finds some
missing, because the first try died or is slow, makes them. A photo waits until the batch's state machine lets it go,
some at a time, and its end is reported to the machine by a task token.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeVar

from vitrine.assets import service as assets
from vitrine.assets.models import Asset, Photo
from vitrine.billing.usage import service as usage
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobState, Metering, TaskToken
from vitrine.kernel import executions, tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Invalid, NotFound, Unavailable
from vitrine.kernel.tables import Write
from vitrine.staging import failures, kinds, resources, rules, service
from vitrine.staging.models import BatchInput, BatchOutcome, BatchPhoto, StageOrder, StagingRequest
from vitrine.work import ending, queueing, start
from vitrine.work import rules as work_rules
from vitrine.work.models import Work

MOST_PHOTOS = 500
MOST_RECEIVED = 40
"""Photos that come with the request."""
_FIRST = 12
_PER_TRANSACTION = 24
"""DynamoDB takes 100 items: a photo is four, one more if it came with the request; a batch itself is five."""
_STORED_AT_ONCE = 8

T = TypeVar("T")


@dataclass(frozen=True)
class Batch:
    """A batch and its photos in the order sent; None for a photo whose job is about to be made."""

    job: Job
    input: BatchInput
    photos: dict[str, Job | None]


def create(call: Call, request: StagingRequest, photos: Sequence[Photo | str]) -> Batch:
    """Queue a batch of photos that came with the request, or of uploads by their file keys.

    Idempotency key: the batch's id. Raises `Invalid` for an upload that is not there, `TooManyRequests`; then nothing
    was queued. What is wrong with a photo itself ends that photo alone.
    """
    batch_id = call.ids.new("batch")
    received = [(photo, *assets.receiving(call, photo)) for photo in photos if isinstance(photo, Photo)]
    uploads = [(asset.id, asset.key) for _, asset, _ in received] or _uploads(call.tenant, photos)
    batch = _new(call, batch_id, request, uploads)
    jobs_of = _photos(batch)
    first, rest = jobs_of[:_FIRST], jobs_of[_FIRST:]
    made = queueing.queue(
        batch,
        kinds.BATCH,
        service.listing(batch),
        *usage.taking(call, batch_id, len(uploads)),
        *chain.from_iterable(record for _, _, record in received),
        *chain.from_iterable(map(_queueing, first)),
    )
    # From here on the batch goes on whatever happens: what cannot be queued now, its machine queues.
    with suppress(Unavailable):
        _queue(rest if made is batch else jobs_of)
    all_stored = _store(jobs_of, received, call.now)
    if made is not batch or not all_stored:
        return find(call.tenant, batch_id)
    return Batch(batch, BatchInput.model_validate(batch.input), {job.id: job for job in jobs_of})


def _uploads(tenant: str, keys: Sequence[Photo | str]) -> list[tuple[str, str]]:
    uploads = [assets.parse_file_key(tenant, str(key), f"body.images.{at}") for at, key in enumerate(keys)]
    missing = assets.missing(tenant, [asset_id for asset_id, _ in uploads])
    for at, (asset_id, _) in enumerate(uploads):
        if asset_id in missing:
            raise Invalid.field(f"body.images.{at}", "unknown_upload", "There is no such upload. Uploads may run out.")
    return uploads


def _new(call: Call, batch_id: str, request: StagingRequest, uploads: Sequence[tuple[str, str]]) -> Job:
    shared = BatchInput(
        **dict(request),
        plan_seed=rules.seed_from(batch_id),
        photos=tuple(BatchPhoto(job_id=call.ids.new("staging"), upload=upload) for upload in uploads),
    )
    return work_rules.new_job(
        kinds.BATCH, batch_id, call.tenant, call.now, subject="", input=shared.model_dump(mode="json")
    )


def make_photos(batch: Job) -> list[str]:
    """Queue the jobs of a batch that are not there yet, and answer the ids of all. Idempotency key: the jobs' ids."""
    photos = _photos(batch)
    _queue(photos)
    return [job.id for job in photos]


def _queue(photos: Sequence[Job]) -> None:
    """Queue photos, many in one transaction; when some are there already, each of the others in its own."""
    for chunk in _chunks([_queueing(job) for job in photos], _PER_TRANSACTION):
        try:
            tables.commit(*chain.from_iterable(chunk))
        except jobs.JobExists:
            for photo in chunk:
                with suppress(jobs.JobExists):
                    tables.commit(*photo)


def _photos(batch: Job) -> list[Job]:
    """The jobs of a batch, as they are queued."""
    shared = BatchInput.model_validate(batch.input)
    metered = Metering(request=batch.id, at=batch.created_at, photos=len(shared.photos))
    return [_photo(batch, shared, photo, metered) for photo in shared.photos]


def _photo(batch: Job, shared: BatchInput, photo: BatchPhoto, metered: Metering) -> Job:
    order = StageOrder(
        surface=shared.surface,
        options=shared.options,
        property_name=shared.property_name,
        pictures_kept_days=shared.pictures_kept_days,
        plan_seed=shared.plan_seed,
        upload=photo.upload,
        batch=batch.id,
        metered=metered,
        held=True,
    )
    return rules.new_job(order, photo.job_id, batch.tenant, batch.created_at)


def _queueing(job: Job) -> tuple[Write, ...]:
    return (*jobs.queueing(job), service.listing(job))


def _store(photos: Sequence[Job], received: Sequence[tuple[Photo, Asset, tuple[Write, ...]]], now: datetime) -> bool:
    """Store all photos' bytes, some at once; one that cannot be stored fails alone. Answers whether all were."""
    waiting = {job.asset_id: job for job in photos}

    def store(photo: Photo, asset: Asset) -> bool:
        try:
            assets.put(asset, photo)
        except Unavailable:
            # Its job may not be queued yet: then the batch sees that the photo never came.
            with suppress(NotFound, jobs_rules.JobIsOver):
                ending.fail(waiting[asset.id].tenant, waiting[asset.id].id, failures.NOT_STORED, now)
            return False
        return True

    with ThreadPoolExecutor(_STORED_AT_ONCE) as pool:
        return all(list(pool.map(lambda one: store(one[0], one[1]), received)))


def find(tenant: str, batch_id: str) -> Batch:
    """A batch with all its photos' jobs, by one read and one query. Raises `NotFound`."""
    job = resources.BATCH.find(tenant, batch_id)
    shared = BatchInput.model_validate(job.input)
    made = {photo.id: photo for photo in jobs.of_batch(tenant, batch_id)}
    return Batch(job, shared, {photo.job_id: made.get(photo.job_id) for photo in shared.photos})


# The batch's state machine.


def release(token: TaskToken, work: Work, now: datetime) -> str:
    """Let a photo's job go; the token is answered when it is over. Idempotency key: the photo's job.

    The token is noted before the job is looked at, so its end is heard whenever it comes.
    """
    jobs.await_end(token, now)
    job = jobs.release(token.tenant, token.job_id)
    if start.waits_in_vain(job, now):  # or it would keep a place in the batch
        job = ending.fail(job.tenant, job.id, failures.UPLOAD_MISSING, now)
    if job.state.is_over:
        return resume(job.tenant, job.id)
    return start.begin(job.tenant, job.id, work, now)


def resume(tenant: str, job_id: str) -> str:
    """A photo is over: tell the batch that waits for it. Idempotency key: the task token."""
    token = jobs.token_of(tenant, job_id, 0)
    if token is None:
        return "nobody waits"
    return "resumed" if executions.succeed(token.token, {"job_id": job_id}) else "resumed already"


def finish(tenant: str, batch_id: str, now: datetime) -> int:
    """Complete a batch whose photos are all over; answers how many are not. Idempotency key: the batch."""
    batch = find(tenant, batch_id)
    states = Counter(_state_now(tenant, job_id, job) for job_id, job in batch.photos.items())
    still_open = sum(count for state, count in states.items() if not state.is_over)
    if not still_open:
        ready = states[JobState.READY]
        outcome = BatchOutcome(completed=ready, failed=len(batch.photos) - ready).model_dump()
        ending.complete(tenant, batch_id, outcome, now)
    return still_open


def _state_now(tenant: str, job_id: str, job: Job | None) -> JobState:
    """The index may be behind by a moment; what it says is over, is."""
    if job is not None and job.state.is_over:
        return job.state
    return jobs.find(tenant, job_id).state


def _chunks(found: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (found[at : at + size] for at in range(0, len(found), size))
