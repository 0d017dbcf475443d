"""Sessions: one capture of a vehicle at a site, and what is known of its set."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, BaseModel, Field

from functions.imaging360_api.callers import DEVICE_OR_USER, USER
from functions.imaging360_api.fields import SiteView, Uuid
from functions.imaging360_api.surface import SURFACE
from vitrine.assets import service as assets
from vitrine.capture import opening, rules, service
from vitrine.capture.listings import service as listings
from vitrine.capture.listings.models import LONGEST_PAGE, SessionQuery
from vitrine.capture.models import (
    CaptureMode,
    CaptureWarning,
    NewSession,
    Person,
    Session,
    SessionChange,
    SessionStatus,
    SetStatus,
    SetVerdict,
)
from vitrine.capture.service import Captured
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Api, Caller, Repeat
from vitrine.kernel.http.policy import ID
from vitrine.set_qc.models import Check, Direction, Pair, ReshootItem

api = Api(SURFACE)
handler = api.handler
_buckets = Buckets.load()
ShotListView = dict[str, Any]


class VehicleName(BaseModel):
    vin: str | None
    stock: str | None


class VehicleView(VehicleName):
    id: Uuid


class DeviceView(BaseModel):
    id: Uuid
    model: str


class MissingFrame(BaseModel):
    """A frame of the turn that no inspected image shows; frame k of n stands at 360 k / n degrees."""

    frame: int
    angle_deg: int


class SetView(BaseModel):
    """What is known of the session's frames as a set.

    `status` is `open` before the first verdict, `judging` while one is being made, then `complete`, `incomplete` or
    `failed`. `missing` follows from the places that images have, at this moment. Everything from `thresholds` on is the
    last verdict's, of `judged_version`: `reshoot` is in walking order, `front_frame` is the frame that shows the car's
    front, and images are named by their ids. `report_url` holds for 15 minutes.
    """

    status: SetStatus
    set_version: int
    judged_version: int
    missing: list[MissingFrame]
    missing_stills: list[str]
    thresholds: str | None = None
    confidence: float | None = None
    direction: Direction = Direction.UNKNOWN
    front_frame: int | None = None
    front_image_id: Uuid | None = None
    reshoot: list[ReshootItem] = Field(default_factory=list)
    duplicates: list[Pair] = Field(default_factory=list)
    swapped: list[Pair] = Field(default_factory=list)
    foreign: list[str] = Field(default_factory=list)
    checks: dict[str, Check] = Field(default_factory=dict)
    report_url: str | None = None


class SessionBase(BaseModel):
    id: Uuid
    org_id: Uuid
    site_id: Uuid
    vehicle_id: Uuid
    mode: CaptureMode
    shot_list: ShotListView
    status: SessionStatus
    started_at: AwareDatetime
    warnings: list[CaptureWarning]
    vehicle: VehicleView


class SessionOpened(SessionBase):
    """A new session. `warnings` say what is odd and does not stop it, such as a VIN's check digit."""


class SessionView(SessionBase):
    operator: Person | None
    device: DeviceView | None
    completed_at: AwareDatetime | None
    image_count: int
    published_version: int | None
    set: SetView


class SessionItem(BaseModel):
    """`image_count` counts all images that were announced, retakes included. `set_status` is that of the last verdict,
    and `published_version` the `set_version` that was published last."""

    id: Uuid
    vehicle: VehicleName
    mode: CaptureMode
    status: SessionStatus
    operator: Person | None
    site: SiteView
    started_at: AwareDatetime
    image_count: int
    set_status: SetStatus
    published_version: int | None


class SessionList(BaseModel):
    """The sessions that were opened last come first; `total` counts all that the filters find."""

    data: list[SessionItem]
    total: int
    limit: int
    offset: int


@api.post(
    "/v1/sessions",
    status_code=201,
    summary="Open a session",
    description="The vehicle is found by its VIN or stock number, or made. A VIN whose check digit is wrong is taken "
    "with a warning, unless the organisation is strict.",
    tags=["sessions"],
    allow=DEVICE_OR_USER,
    brings_work=True,
    # The same ids again make the same session.
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
    errors=(403,),
    leads_to={f"{method} /v1/sessions/{{id}}": {"id": ID} for method in ("GET", "PATCH")},
)
def create_session(body: NewSession, caller: Caller) -> SessionOpened:
    return SessionOpened(**_base(opening.open_for(caller, body)))


@api.get(
    "/v1/sessions",
    summary="List sessions",
    description="Of the sites that you may see. A filter by another site finds nothing.",
    tags=["sessions"],
    allow=USER,
    round_trips=4,
)
def list_sessions(
    caller: Caller,
    site_id: Annotated[Uuid | None, Query()] = None,
    status: Annotated[SessionStatus | None, Query()] = None,
    vehicle_id: Annotated[Uuid | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> SessionList:
    query = SessionQuery(
        tenant=caller.tenant,
        sites=_sites(caller, site_id),
        status=status,
        vehicle_id=vehicle_id,
        limit=limit,
        offset=offset,
    )
    page = listings.page(query)
    return SessionList(data=list(map(_item, page.sessions)), total=page.total, limit=limit, offset=offset)


@api.get("/v1/sessions/{id}", summary="Read a session", tags=["sessions"], allow=DEVICE_OR_USER, round_trips=2)
def get_session(id: str, caller: Caller) -> SessionView:  # noqa: A002 - the contract's name
    return _view(service.read_for(caller, id))


@api.patch(
    "/v1/sessions/{id}",
    summary="Change a session's status",
    description="From `active` to `complete`, `abandoned` or `failed`. The same status again changes nothing. A "
    "session that is complete takes frames of a camera that was offline for 72 hours more.",
    tags=["sessions"],
    allow=DEVICE_OR_USER,
    # What it answers holds links that expire; a repeat changes nothing.
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
    errors=(403,),
)
def change_session(id: str, body: SessionChange, caller: Caller) -> SessionView:  # noqa: A002
    return _view(service.change(caller, id, body))


def _sites(caller: Caller, site_id: str | None) -> frozenset[str] | None:
    if site_id is None:
        return caller.principal.sites
    return frozenset({site_id}) if caller.principal.may_use(site_id) else frozenset()


def _base(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "org_id": session.org_id,
        "site_id": session.site_id,
        "vehicle_id": session.vehicle.id,
        "mode": session.mode,
        "shot_list": {name: said for name, said in session.shot_list.model_dump().items() if said},
        "status": session.status,
        "started_at": session.started_at,
        "warnings": list(session.warnings),
        "vehicle": VehicleView(id=session.vehicle.id, vin=session.vehicle.vin, stock=session.vehicle.stock),
    }


def _item(session: Session) -> SessionItem:
    return SessionItem(
        id=session.id,
        vehicle=VehicleName(vin=session.vehicle.vin, stock=session.vehicle.stock),
        mode=session.mode,
        status=session.status,
        operator=session.operator,
        site=SiteView(id=session.site_id, name=session.site_name),
        started_at=session.started_at,
        image_count=session.image_count,
        set_status=session.set_status,
        published_version=session.published_version,
    )


def _view(found: Captured) -> SessionView:
    session = found.session
    device = DeviceView(id=session.device_id, model=session.device_model or "") if session.device_id else None
    return SessionView(
        **_base(session),
        operator=session.operator,
        device=device,
        completed_at=session.completed_at,
        image_count=session.image_count,
        published_version=session.published_version,
        set=_set(found),
    )


def _set(found: Captured) -> SetView:
    session, count = found.session, rules.frame_count(found.session)
    missing = rules.missing_frames(session, found.images)
    return SetView(
        status=rules.set_status(session, found.images),
        set_version=session.set_version,
        judged_version=session.judged_version,
        missing=[MissingFrame(frame=frame, angle_deg=rules.angle_of(frame, count)) for frame in missing],
        missing_stills=rules.missing_stills(session, found.images),
        **(_judged(found, found.verdict) if found.verdict else {}),
    )


def _judged(found: Captured, verdict: SetVerdict) -> dict[str, Any]:
    front = next((image for image in found.images if image.id == verdict.front_frame), None)
    shown = ("thresholds", "confidence", "direction", "reshoot", "duplicates", "swapped", "foreign", "checks")
    return {
        **{name: getattr(verdict, name) for name in shown},
        "front_frame": front.position.frame if front else None,
        "front_image_id": verdict.front_frame,
        "report_url": assets.download_url(_buckets.media_bucket, verdict.report_key),
    }
