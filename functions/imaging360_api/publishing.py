"""Publishing sets and single frames, taking that back, and originals: for reviewers and admins."""

from enum import StrEnum
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from functions.imaging360_api.addresses import Addresses, ExportView, FrameView
from functions.imaging360_api.callers import ADMIN, DEVICE_OR_USER, REVIEWER
from functions.imaging360_api.fields import Uuid
from functions.imaging360_api.surface import SURFACE
from vitrine.capture import service as sessions
from vitrine.capture.models import ImageStatus
from vitrine.capture.originals import service as originals
from vitrine.capture.publishing import frames, service
from vitrine.capture.publishing.service import Published
from vitrine.jobs.models import JobError, JobState
from vitrine.kernel.environment import Buckets, FrameMaker
from vitrine.kernel.http import Api, Caller, Repeat
from vitrine.kernel.http.paging import DEFAULT_LIMIT, Page, PageCursor, PageLimit, Pages

api = Api(SURFACE)
handler = api.handler

_bucket = Buckets.load().media_bucket
_maker = FrameMaker.load().frame_maker_arn
_addresses = Addresses()
_pages = Pages()


class PublishRequest(BaseModel):
    """`override_reason` says why what failed a check is published all the same; everybody may read it."""

    override_reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = (
        Field(default=None)
    )


class PublishedImage(BaseModel):
    id: Uuid
    status: ImageStatus
    published_at: AwareDatetime | None


class OriginalView(BaseModel):
    """`url` holds until `expires_at`; `sha256` is that of the file behind it."""

    id: str
    url: str
    sha256: str
    expires_at: AwareDatetime


class PublicationStatus(StrEnum):
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class PublicationView(BaseModel):
    """What of a session is public, and what its last publication came to.

    The addresses lead to what is public now, which may be an earlier set while a newer one is `publishing` or has
    `failed`. They hold until the publication is withdrawn; who has one needs no token.
    """

    session_id: str
    status: PublicationStatus
    set_version: int
    job_id: str
    requested_at: AwareDatetime
    error: JobError | None
    public_set_version: int | None
    published_at: AwareDatetime | None
    manifest_url: str | None
    package_url: str | None
    package_sha256: str | None
    exports: list[ExportView]
    frames: list[FrameView]


class AccessView(BaseModel):
    """Somebody was given a link to an original. `request_id` is that of the request's log line."""

    id: str
    image_id: str
    session_id: str
    site_id: str
    actor: str
    role: str
    request_id: str
    at: AwareDatetime


class AccessPage(Page[AccessView]):
    """The newest first; `next_cursor` continues the list, and is null at its end."""


Order = Annotated[PublishRequest, Body()]
PUBLICATION = {"GET /v1/sessions/{id}/publication": {"id": "$response.body#/session_id"}}


@api.get(
    "/v1/images/{id}/original",
    summary="Open a frame's original",
    description="It shows number plates, and may say where it was taken. Each call is written down: "
    "`GET /v1/original-accesses`.",
    tags=["images"],
    allow=REVIEWER,
    round_trips=4,
    errors=(409,),
)
def open_original(id: str, caller: Caller) -> OriginalView:  # noqa: A002
    _, image = sessions.image_for(caller, id)
    url, until = originals.open_(caller, image, _bucket)
    return OriginalView(id=image.id, url=url, sha256=image.content_sha256, expires_at=until)


@api.post(
    "/v1/images/{id}/publish",
    summary="Publish a frame",
    description="Without its set: plates are hidden as the organisation wants it, and metadata is removed. A frame "
    "that failed a check needs an `override_reason`, unless a reviewer passed it. One that is public stays as it is. "
    "A frame that is not ready in time is a 503 with `FRAME_NOT_READY`; it is made all the same, and the same request "
    "publishes it then.",
    tags=["images"],
    allow=REVIEWER,
    brings_work=True,
    repeat=Repeat.IN_TRANSACTION,
    round_trips=4,
    errors=(409,),
)
def publish_image(id: str, caller: Caller, body: Order = PublishRequest()) -> PublishedImage:  # noqa: A002, B008
    image = frames.publish(caller, id, body.override_reason, _maker)
    return PublishedImage(id=image.id, status=image.status, published_at=image.published_at)


@api.get(
    "/v1/original-accesses",
    summary="List who opened originals",
    tags=["images"],
    allow=ADMIN,
    round_trips=2,
)
def list_original_accesses(caller: Caller, limit: PageLimit = DEFAULT_LIMIT, cursor: PageCursor = None) -> AccessPage:
    found, next_cursor = _pages.read(
        f"accesses#{caller.tenant}", cursor, lambda after: originals.newest(caller, limit, after)
    )
    items = [AccessView.model_validate(access.model_dump(exclude={"tenant"})) for access in found]
    return AccessPage(items=items, next_cursor=next_cursor)


@api.post(
    "/v1/sessions/{id}/publish",
    status_code=202,
    summary="Publish a session's set",
    description="Makes all frames, a package and a manifest, and makes them public at once or not at all. A set that "
    "is incomplete or failed checks needs an `override_reason`. Publishing the same set twice changes nothing.",
    tags=["sessions"],
    allow=REVIEWER,
    brings_work=True,
    repeat=Repeat.IN_TRANSACTION,
    round_trips=4,
    leads_to=PUBLICATION,
    errors=(409,),
)
def publish_session(id: str, caller: Caller, body: Order = PublishRequest()) -> PublicationView:  # noqa: A002, B008
    return _view(service.request(caller, id, body.override_reason))


@api.get(
    "/v1/sessions/{id}/publication",
    summary="Read what is public of a session",
    tags=["sessions"],
    allow=DEVICE_OR_USER,
    round_trips=3,
)
def get_publication(id: str, caller: Caller) -> PublicationView:  # noqa: A002
    return _view(service.find(caller, id))


@api.delete(
    "/v1/sessions/{id}/publication",
    status_code=204,
    summary="Withdraw what is public of a session",
    description="Its addresses end at once and its files are deleted; links that were followed before hold for "
    "another 15 minutes at most. A publication that is under way is stopped.",
    tags=["sessions"],
    allow=REVIEWER,
    round_trips=3,
)
def withdraw_publication(id: str, caller: Caller) -> None:  # noqa: A002
    service.withdraw(caller, id, _bucket)


def _view(published: Published) -> PublicationView:
    publication, job = published.publication, published.job
    live = publication.live
    files = _addresses.of(publication)
    return PublicationView(
        session_id=publication.session_id,
        status=_status(published),
        set_version=publication.set_version,
        job_id=publication.job_id,
        requested_at=publication.requested_at,
        error=job.error if job else None,
        public_set_version=live.set_version if live else None,
        published_at=live.published_at if live else None,
        manifest_url=files.manifest,
        package_url=files.package,
        package_sha256=live.package.sha256 if live and live.package else None,
        exports=files.exports,
        frames=files.frames,
    )


def _status(published: Published) -> PublicationStatus:
    if published.publication.withdrawn_at is not None:
        return PublicationStatus.WITHDRAWN
    job = published.job
    if job is None or job.state is JobState.READY:
        return PublicationStatus.PUBLISHED
    return PublicationStatus.FAILED if job.state.is_over else PublicationStatus.PUBLISHING
