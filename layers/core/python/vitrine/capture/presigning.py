"""Announcing a frame: its record, its place in the count, and a URL for exactly these bytes."""

import base64
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from vitrine.assets import service as assets
from vitrine.capture import places, rules, store
from vitrine.capture.frames import rules as frames
from vitrine.capture.frames.keys import FrameKey
from vitrine.capture.models import Claim, FrameType, Image, ImageStatus, Session, ShotName
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import BadRequest
from vitrine.kernel.ids import uuid_of
from vitrine.kernel.record import WHOLE, Record, Uuid

MOST_IMAGES = 1_000
"""Of one session, retakes included: they are read at once."""
_TRIES = 8
_EXTENSIONS = {FrameType.JPEG: "jpg", FrameType.HEIC: "heic"}


class FrameRequest(Record):
    """The file that is about to come. `content_sha256` is hex; only those very bytes are taken.

    At most one of `angle_deg`, `frame` (from 0) and `shot_name` says where it belongs; else its name says it, or the
    time at which it was taken.
    """

    session_id: Uuid
    file_name: str = Field(min_length=1, max_length=255)
    content_type: FrameType
    content_sha256: str = Field(pattern=r"^[0-9A-Fa-f]{64}$")
    angle_deg: Annotated[float, Field(strict=True, ge=0, lt=360)] | None = None
    frame: Annotated[int, Field(strict=True, ge=0, lt=144), WHOLE] | None = None
    shot_name: ShotName | None = None


class PresignedFrame(Record):
    """Where to PUT the file. `headers` are signed: S3 refuses a request that lacks one or differs in one.

    With `already_uploaded` nothing need be sent: these very bytes are there.
    """

    upload_url: str
    storage_key: str
    headers: dict[str, str]
    expires_at: AwareDatetime
    image_id: str
    already_uploaded: bool


def presign(call: Call, asked: FrameRequest) -> PresignedFrame:
    """A record of the frame, unless it is known, and a fresh URL.

    Idempotency key: session, file name and digest, of which the image's id is made. A repeat that says another place
    than before moves the frame there, until the bytes came.
    Raises `NotFound`, `Forbidden` for another device's session, and `BadRequest`.
    """
    for _ in range(_TRIES):
        session, image = _find(call, asked)
        try:
            known = image or _announced(call, asked, session)
            known = _moved(call, asked, session, known)
        except (store.ImageExists, store.StaleImage, store.StaleSession):
            continue
        return _presigned(known, call.now, there=image is not None and _is_there(image))
    raise store.StaleSession("The session kept changing. Try again.")


def headers_of(image: Image) -> dict[str, str]:
    """The digest twice: as the document has it, and as S3 checks it whoever signed the request."""
    return {
        "Content-Type": image.content_type,
        "x-amz-content-sha256": image.content_sha256,
        "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(image.content_sha256)).decode(),
    }


def _find(call: Call, asked: FrameRequest) -> tuple[Session, Image | None]:
    session_id = asked.session_id
    session, image = store.get_with_image(call.tenant, session_id, _id_of(asked))
    if session is None or not call.principal.may_use(session.site_id):
        raise store.no_session()
    rules.check_owner(session, call.principal)
    if not rules.takes_frames(session, call.now) and not (image and frames.is_settled(image)):
        raise BadRequest(f"The session is {session.status} and takes no more frames.", code="session_closed")
    return session, image


def _id_of(asked: FrameRequest) -> str:
    return uuid_of(asked.session_id, asked.file_name, asked.content_sha256.lower())


def _announced(call: Call, asked: FrameRequest, session: Session) -> Image:
    if session.image_count >= MOST_IMAGES:
        raise BadRequest(f"A session has at most {MOST_IMAGES} images.", code="too_many_images")
    image_id, kind = _id_of(asked), _EXTENSIONS[asked.content_type]
    image = Image(
        id=image_id,
        tenant=session.tenant,
        session_id=session.id,
        vehicle_id=session.vehicle.id,
        site_id=session.site_id,
        storage_key=str(FrameKey(session.org_id, session.site_id, session.id, image_id, kind)),
        file_name=asked.file_name,
        content_type=asked.content_type,
        content_sha256=asked.content_sha256.lower(),
        claim=_claim(asked, session),
        status=ImageStatus.PENDING,
        version=1,
        created_at=call.now,
        updated_at=call.now,
    )
    tables.commit(store.counting(session), *store.insert_image(image))
    return image


def _moved(call: Call, asked: FrameRequest, session: Session, image: Image) -> Image:
    claim = _claim(asked, session)
    if claim in (Claim(), image.claim):
        return image
    if frames.is_settled(image):
        raise BadRequest("This frame came, and its place was said before.", code="frame_settled")
    after = rules.image_changed(image, call.now, claim=claim)
    tables.commit(store.replace_image(after))
    return after


def _claim(asked: FrameRequest, session: Session) -> Claim:
    return places.claimed(
        session.shot_list,
        rules.frame_count(session),
        angle_deg=asked.angle_deg,
        frame=asked.frame,
        shot_name=asked.shot_name,
    )


def _is_there(image: Image) -> bool:
    """Whether the bytes came: the record knows it of inspected ones, S3 of those that wait for that."""
    if frames.is_settled(image):
        return True
    return image.status is not ImageStatus.FAILED and assets.lies_at(image.storage_key)


def _presigned(image: Image, now: datetime, *, there: bool) -> PresignedFrame:
    headers = headers_of(image)
    return PresignedFrame(
        upload_url=assets.upload_url(image.storage_key, headers),
        storage_key=image.storage_key,
        headers=headers,
        expires_at=now + assets.URL_LIFETIME,
        image_id=image.id,
        already_uploaded=there,
    )
