"""A publication's end: the package and the manifest, then the one change that makes all of it public."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from vitrine.capture import rules as capture_rules
from vitrine.capture import service as sessions
from vitrine.capture.models import Image, Session
from vitrine.capture.publishing import keys, naming, planning, rules, storage
from vitrine.capture.publishing.failures import FrameUnusable, Withdrawn
from vitrine.capture.publishing.models import MANIFEST, Live, Made, Manifest, Package, Plan, Publication, finished
from vitrine.capture.publishing.package import pack as packed
from vitrine.capture.telling import service as telling
from vitrine.capture.telling.models import SetPublished
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel import objects, tables
from vitrine.kernel.tables import Write

_TRIES = 5
IN_ONE = 90
"""Images that change with the publication itself: DynamoDB takes 100 items in a transaction, and five are ours."""


def pack(tenant: str, session_id: str, job_id: str, bucket: str) -> Manifest:
    """Write the package and the manifest beside it. Idempotency key: the job; a repeat writes the same bytes.

    Raises `FrameUnusable` for a frame that could not be made, `Gone` for one that was not, and `StorageUnavailable`.
    """
    plan = planning.read(tenant, session_id, job_id, bucket)
    if plan is None:
        raise storage.Gone
    made = {frame.image_id: _made(tenant, session_id, job_id, frame.image_id, bucket) for frame in plan.frames}
    if any(each.published is None for each in made.values()):
        raise FrameUnusable
    prefix = keys.public_prefix(tenant, session_id, job_id)
    manifest = finished(plan, made, _package(plan, prefix, bucket) if plan.turn else None)
    storage.put(bucket, f"{prefix}{MANIFEST}", _written(manifest))
    return manifest


def _made(tenant: str, session_id: str, job_id: str, image_id: str, bucket: str) -> Made:
    return Made.model_validate_json(storage.get(bucket, keys.made_key(tenant, session_id, job_id, image_id)))


def _package(plan: Plan, prefix: str, bucket: str) -> Package:
    name = naming.package_name(plan.identifier)
    upload = storage.Upload(bucket, f"{prefix}{name}", "application/zip")
    files = ((frame.name, storage.get(bucket, f"{prefix}{frame.name}")) for frame in plan.turn)
    package = packed(name, files, upload.write)
    upload.finish()
    return package


def _written(manifest: Manifest) -> bytes:
    return manifest.model_dump_json(indent=2).encode()


def publish(tenant: str, job_id: str, bucket: str, now: datetime) -> Job:
    """Make all files of the job public, in place of those before, and complete it; then delete those before.

    Up to 90 frames change their status in the same transaction; of larger sets the others follow, and are not public
    by that status but by the record. Idempotency key: the job. Raises `JobIsOver`, `Withdrawn`, `StalePublication`,
    `StaleImage`, `Gone`, `StorageUnavailable`.
    """
    job = jobs.find(tenant, job_id)
    _read(job)  # of what was withdrawn no file is left
    prefix = keys.public_prefix(tenant, job.subject, job_id)
    body = storage.get(bucket, f"{prefix}{MANIFEST}")
    manifest = Manifest.model_validate_json(body)
    live = rules.live_of(manifest, job_id, prefix, hashlib.sha256(body).hexdigest(), now)
    job = _conclude(job, live, now)
    _finish_images(job, bucket, now)
    return job


def _conclude(job: Job, live: Live, now: datetime) -> Job:
    """One transaction, again when a frame, the session or the publication changed in between."""
    result = {"session_id": job.subject, "set_version": live.set_version, "frames": len(live.frames)}

    def also(_: Job) -> tuple[Write, ...]:
        return _writes(job, live, now)

    for _ in range(_TRIES):
        with suppress(sessions.StalePublication, sessions.StaleSession, sessions.StaleImage):
            return jobs.change(job.tenant, job.id, lambda job: jobs_rules.complete(job, result, now), also)
    raise sessions.StalePublication("The publication kept changing. Try again.")


def _writes(job: Job, live: Live, now: datetime) -> tuple[Write, ...]:
    publication, session, images = _read(job)
    told = SetPublished(
        tenant=job.tenant,
        session_id=job.subject,
        job_id=job.id,
        set_version=live.set_version,
        frames=len(live.frames),
        at=now,
    )
    published = capture_rules.changed(session, now, published_version=live.set_version)
    return (
        sessions.put_publication(rules.published(publication, live)),
        sessions.replace(published),
        telling.put(told),
        *(sessions.replace_image(image) for image in rules.marked(images, live, now)[:IN_ONE]),
    )


def _read(job: Job) -> tuple[Publication, Session, Sequence[Image]]:
    """Raises `Withdrawn`, also for a publication that another job is at by now."""
    captured = sessions.read(job.tenant, job.subject)
    publication = captured.publication if captured else None
    if captured is None or publication is None or not rules.is_at_it(publication, job.id):
        raise Withdrawn
    return publication, captured.session, captured.images


def _finish_images(job: Job, bucket: str, now: datetime) -> None:
    """What a set too large for one transaction left, and the files that nothing leads to any more.

    Idempotency key: the images. Raises `StaleImage`.
    """
    for _ in range(_TRIES):
        captured = sessions.read(job.tenant, job.subject)
        if captured is None or captured.publication is None:
            return
        with suppress(sessions.StaleImage):
            change_images(rules.marked(captured.images, captured.publication.live, now))
            tidy(captured.publication, captured.images, bucket)
            return
    raise sessions.StaleImage("The images kept changing. Try again.")


def change_images(changed: Sequence[Image]) -> None:
    """In as few transactions as they need. Raises `StaleImage`."""
    for at in range(0, len(changed), IN_ONE):
        tables.commit(*(sessions.replace_image(image) for image in changed[at : at + IN_ONE]))


def tidy(publication: Publication, images: Sequence[Image], bucket: str) -> int:
    """Delete a session's published files that nothing leads to, and say how many. Repeating it does no harm."""
    prefix = keys.session_prefix(publication.tenant, publication.session_id)
    used = {image.published_key for image in images if image.published_key}
    used |= {publication.live.prefix} if publication.live else set()
    used |= set() if publication.withdrawn_at else {f"{prefix}{publication.job_id}/"}  # it may be at work
    kept = {keys.folder_of(key) for key in used}
    found = {keys.folder_of(key) for key in objects.keys(bucket, prefix)}
    return sum(objects.delete(bucket, f"{prefix}{folder}/") for folder in found - kept)
