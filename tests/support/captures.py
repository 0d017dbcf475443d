"""Sessions and images as builders make them, and what is needed to read them back."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tests.support.clock import now
from vitrine.capture.frames.keys import FrameKey
from vitrine.capture.models import (
    CaptureMode,
    Claim,
    Exposure,
    Image,
    ImageStatus,
    NewSession,
    Session,
    SessionStatus,
    ShotList,
    Spin,
    Vehicle,
)
from vitrine.capture.opening import open_session
from vitrine.identity.organisations.rules import tenant_of
from vitrine.kernel.call import Call
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal


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


def a_device(number: int = 9, sites: frozenset[str] | None = None) -> Principal:
    return Principal(TENANT, uuid(number), role="device", name="iPhone 15 Pro", org_id=ORG, sites=sites)


def a_person(role: str = "operator", sites: frozenset[str] | None = None) -> Principal:
    return Principal(TENANT, uuid(8), role=role, name="John", org_id=ORG, sites=sites)


def calling(principal: Principal | None = None, at: datetime | None = None) -> Call:
    moment = at or now()
    return Call(principal or a_device(), moment, Ids.random(moment), "request")


def opened(
    vin: str | None = None, stock: str | None = None, *, site: str = SITE, call: Call | None = None, **asked: Any
) -> Session:
    """A session as the service opens it, of a vehicle of its own unless one is named."""
    vehicle = {"vin": vin, "stock": stock} if vin or stock else {"stock": uuid4().hex}
    known = {"site_id": site, "vehicle": vehicle, "mode": "studio360", **asked}
    return open_session(call or calling(), NewSession.model_validate(known), "Main Studio")
