"""Projects, and the staging of an image: what a request queues, and what is found again.

An image is its staging job: what a client calls an image's status is the job's state.
"""

from contextlib import suppress
from datetime import datetime

from vitrine.assets import rules as assets_rules
from vitrine.assets import service as assets
from vitrine.assets.models import Asset, Photo
from vitrine.billing.usage import service as usage
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs.models import Job
from vitrine.kernel.call import Call
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import NotFound, Unavailable
from vitrine.kernel.ids import is_id
from vitrine.kernel.tables import Write
from vitrine.staging import failures, kinds, resources, rules, store
from vitrine.staging.models import (
    Project,
    ProjectChange,
    StageCommand,
    StageOrder,
    StagingRequest,
)
from vitrine.work import ending, queueing

_TRIES = 10
"""Under one Idempotency-Key, to store a photo."""


def create_project(call: Call, name: str, description: str | None) -> Project:
    """Idempotency key: the id, which a repeated request under one Idempotency-Key makes again."""
    project = Project(
        id=call.ids.new("prj"),
        tenant=call.tenant,
        name=name,
        description=description,
        created_at=call.now,
        updated_at=call.now,
    )
    try:
        store.insert(project)
    except store.ProjectExists:
        return find_project(call, project.id)
    return project


def find_project(call: Call, project_id: str) -> Project:
    project = store.get(call.tenant, project_id) if is_id(project_id, "prj") else None
    if project is None:
        raise store.no_project()
    return project


def list_projects(call: Call, limit: int, after: Position | None) -> tuple[list[Project], Position | None]:
    return store.page(call.tenant, limit, after)


def change_project(call: Call, project_id: str, change: ProjectChange) -> Project:
    """Raises `NotFound`. Idempotency key: none is needed, since saying the same again changes nothing but the time."""
    if not is_id(project_id, "prj"):
        raise store.no_project()
    return store.change(call.tenant, project_id, change.model_dump(exclude_unset=True), call.now)


def delete_project(call: Call, project_id: str) -> None:
    """The project can be recovered for 30 days. Its images are called off by the event (`cancelling.images`), and their
    pictures deleted once it can be recovered no more (`deleting.past_recovery`).

    Idempotency key: the project's id. Raises `NotFound`, for one that was deleted before as well.
    """
    store.soft_delete(find_project(call, project_id), call.now)


def restore_project(call: Call, project_id: str) -> Project:
    """Take a deletion back within 30 days. Images that it called off stay so.

    Idempotency key: the project's id; one that is live is answered as it is. Raises `NotFound`.
    """
    found = store.find(call.tenant, project_id) if is_id(project_id, "prj") else None
    if isinstance(found, Project):
        return found
    if found is None or found.until <= call.now:
        raise store.no_project()
    try:
        store.restore(found)
    except NotFound:
        # Another call restored it since it was looked at, or it is gone.
        return find_project(call, project_id)
    return found.project


def create_image(call: Call, command: StageCommand, *, surface: str, pictures_kept_days: int | None) -> Job:
    """Queue a staging and reserve its credits, in one transaction with the checks that project and upload are there.
    The project lists it from then on.

    Idempotency key: the job's id. Raises `NotFound` for the project, `Invalid` for the upload, `PaymentRequired`.
    """
    if not is_id(command.project_id, "prj"):
        raise store.no_project()
    upload = assets.parse_file_key(call.tenant, command.original_url)
    order = StageOrder(
        surface=surface,
        upload=upload,
        options=command,
        pictures_kept_days=pictures_kept_days,
        subject=command.project_id,
    )
    job = rules.new_job(order, call.ids.new("img"), call.tenant, call.now)
    return queueing.queue(
        job,
        kinds.STAGE,
        listing(job),
        store.exists(call.tenant, command.project_id),
        assets.usable(call.tenant, *upload, call.now),
    )


def stage_photo(call: Call, request: StagingRequest, photo: Photo | str) -> Job:
    """Queue a staging of a photo that came with the request, or of an upload by its file key, paid for by usage.

    Job, listing, usage and the upload's record are one transaction; the bytes follow it, so that nothing is stored for
    a request that is over its limits. Idempotency key: the job's id.

    Raises `Refused` for what is no photo by its first bytes, `Invalid` for an upload that is not there,
    `TooManyRequests`, and `Unavailable` when the bytes cannot be stored: then the staging has ended, and counts no
    more; a repeat under the same Idempotency-Key makes the next.
    """
    if isinstance(photo, str):
        upload = assets.parse_file_key(call.tenant, photo, "body.image")
        return _stage_upload(call, request, upload, assets.usable(call.tenant, *upload, call.now))
    assets_rules.check_kind(photo)
    for _ in range(_TRIES):
        asset, record = assets.receiving(call, photo)
        job = _stage_upload(call, request, (asset.id, asset.key), *record)
        if not _was_not_stored(job):
            keep_photo(job, asset, photo, call.now)
            return job
    raise Unavailable("The photo could not be stored in many tries. Try again under another Idempotency-Key.")


def _was_not_stored(job: Job) -> bool:
    return job.error is not None and job.error.code == failures.NOT_STORED.code


def _stage_upload(call: Call, request: StagingRequest, upload: tuple[str, str], *also: Write) -> Job:
    job_id = call.ids.new("staging")
    order = StageOrder(**dict(request), upload=upload, metered=usage.metering(call, job_id, 1))
    job = rules.new_job(order, job_id, call.tenant, call.now)
    return queueing.queue(job, kinds.STAGE, listing(job), *usage.taking(call, job_id, 1), *also)


def keep_photo(job: Job, asset: Asset, photo: Photo, now: datetime) -> None:
    """Store the bytes that the job waits for, or end the job. Idempotency key: the upload. Raises `Unavailable`."""
    try:
        assets.put(asset, photo)
    except Unavailable:
        with suppress(jobs_rules.JobIsOver):
            ending.fail(job.tenant, job.id, failures.NOT_STORED, now)
        raise


def listing(job: Job) -> Write:
    """For the transaction that queues a job: its surface lists it."""
    return store.put_listed(job.tenant, rules.list_of(job), rules.listed(job), job.created_at + jobs_rules.KEPT)


def find_image(call: Call, image_id: str) -> Job:
    return resources.IMAGE.find(call.tenant, image_id)


def find_staging(call: Call, staging_id: str) -> Job:
    return resources.STAGING.find(call.tenant, staging_id)


event_from_image = store.event_from_image
