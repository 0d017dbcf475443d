"""Sessions and images as builders make them, and what is needed to read them back."""

from typing import Any
from uuid import UUID

from tests.support.clock import now
from vitrine.capture.frames.keys import FrameKey, tenant_of
from vitrine.capture.models import (
    CaptureMode,
    Claim,
    Exposure,
    Image,
    ImageStatus,
    Session,
    SessionStatus,
    ShotList,
    Spin,
    Vehicle,
)


def uuid(number: int) -> str:
    return str(UUID(int=7 << 76 | 2 << 62 | number))


ORG, SITE, VEHICLE, SESSION = map(uuid, (1, 2, 3, 4))
TENANT = tenant_of(ORG)


def any_session(frames: int = 24, **changes: Any) -> Session:
    """A turn in a studio, just begun."""
    session = Session(
        id=SESSION,
        tenant=TENANT,
        org_id=ORG,
        site_id=SITE,
        site_name="Main Studio",
        vehicle=Vehicle(id=VEHICLE, tenant=TENANT, vin="WVGZZZ5NZEW069297", stock=None, created_at=now()),
        mode=CaptureMode.STUDIO360,
        shot_list=ShotList(studio360=Spin(frame_count=frames)),
        status=SessionStatus.ACTIVE,
        version=1,
        started_at=now(),
        updated_at=now(),
    )
    return session.model_copy(update=changes)


def any_frame(number: int = 0, **changes: Any) -> Image:
    """An image of that session that was inspected; `number` makes its id and its bytes."""
    image_id = changes.get("id", uuid(1000 + number))
    image = Image(
        id=image_id,
        tenant=TENANT,
        session_id=SESSION,
        vehicle_id=VEHICLE,
        site_id=SITE,
        storage_key=str(FrameKey(ORG, SITE, SESSION, image_id, "jpg")),
        file_name=f"IMG_{number:03}.jpg",
        content_type="image/jpeg",
        content_sha256=f"{number:064x}",
        claim=Claim(),
        status=ImageStatus.PROCESSED,
        version=1,
        exposure=Exposure(),
        created_at=now(),
        updated_at=now(),
    )
    return image.model_copy(update=changes)


def named(*names: str, **changes: Any) -> list[Image]:
    """An image of each file name, in this order."""
    return [any_frame(number, file_name=name, **changes) for number, name in enumerate(names)]
