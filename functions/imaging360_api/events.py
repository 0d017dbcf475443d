"""Telemetry and audit events, single or in batches, and what was told of a session, an image or a device."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from functions.imaging360_api.callers import DEVICE_OR_USER, EVENTS, USER
from functions.imaging360_api.fields import Uuid
from functions.imaging360_api.surface import SURFACE
from vitrine.capture.telemetry import rules, service
from vitrine.capture.telemetry.models import (
    MOST_EVENTS,
    EntityType,
    EventName,
    NewEvent,
    SequenceGap,
)
from vitrine.kernel.errors import AppError, BadRequest, FieldError, Invalid
from vitrine.kernel.http import Api, Caller, Repeat
from vitrine.kernel.http.paging import DEFAULT_LIMIT, PageCursor, PageLimit, Pages
from vitrine.kernel.record import WHOLE, Moment

api = Api(SURFACE)
handler = api.handler
_pages = Pages()
_UNKNOWN = "ENTITY_NOT_FOUND"


class EventsRequest(BaseModel):
    """One event, or up to 500 as `events`. `sent_at` is the client's clock as it sends them: what it is off by is kept
    with each event. The server's time and `sequence` order them, never a client's clock."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"anyOf": [{"required": ["events"]}, {"required": NewEvent.model_json_schema()["required"]}]},
    )

    events: list[dict[str, Any]] | None = Field(default=None, min_length=1, max_length=MOST_EVENTS)
    sent_at: Moment | None = None
    entity_type: EntityType | None = None
    entity_id: Uuid | None = None
    type: EventName | None = None
    message: str | None = None
    meta: dict[str, Any] | None = None
    event_id: str | None = None
    occurred_at: Moment | None = None
    sequence: Annotated[int, Field(strict=True), WHOLE] | None = None


class EventError(BaseModel):
    """An event of a batch that was not taken: where it stands in the batch, counted from 0, and its fields."""

    index: int
    code: str
    message: str
    fields: list[dict[str, str]]


class EventsTaken(BaseModel):
    """`accepted` counts the events that are kept by now; `duplicates` those of them that were known before.
    `entity_id` is what the first of them is about.
    """

    accepted: int
    duplicates: int
    errors: list[EventError]
    entity_id: Uuid


class EventView(BaseModel):
    """`received_at` is our moment, `occurred_at` the client's. `clock_offset_s` is how far its clock was ahead of ours,
    as far as that is known."""

    event_id: str
    entity_type: EntityType
    entity_id: Uuid
    type: EventName
    message: str | None
    meta: dict[str, Any]
    actor: Uuid
    occurred_at: AwareDatetime | None
    received_at: AwareDatetime
    sequence: int | None
    clock_offset_s: float | None


class EventPage(BaseModel):
    """Events in their order: those with a `sequence` by it, the others behind them as they came. `gaps` are numbers
    that an actor left out on this page; their events may still come."""

    data: list[EventView]
    gaps: list[SequenceGap]
    next_cursor: str | None


@api.post(
    "/v1/events",
    status_code=201,
    summary="Tell events",
    description="The same `event_id` of an entity counts once, so a batch may be sent again whole. Of a batch, what "
    "does not hold is answered by its index and the rest is taken.",
    tags=["events"],
    allow=DEVICE_OR_USER,
    rate=EVENTS,
    # Events without ids get the same ones again.
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
    errors=(404,),
    leads_to={"GET /v1/events/{entity_id}": {"entity_id": "$response.body#/entity_id"}},
)
def take_events(body: EventsRequest, caller: Caller) -> EventsTaken:
    said, errors = _batch(body.events) if body.events is not None else ({0: _single(body)}, [])
    errors += [_unknown(number) for number in sorted(service.unknown(caller, said))]
    said = {number: event for number, event in said.items() if number not in {error.index for error in errors}}
    if not said:
        raise _refused(body, errors)
    duplicates = service.take(caller, said, body.sent_at)
    errors.sort(key=lambda error: error.index)
    first = next(iter(said.values()))
    return EventsTaken(accepted=len(said), duplicates=duplicates, errors=errors, entity_id=first.entity_id)


@api.get(
    "/v1/events/{entity_id}",
    summary="List the events of a session, an image or a device",
    description="A device's events are for those who see all sites.",
    tags=["events"],
    allow=USER,
    round_trips=3,
)
def list_events(
    entity_id: str, caller: Caller, limit: PageLimit = DEFAULT_LIMIT, cursor: PageCursor = None
) -> EventPage:
    found, next_cursor = _pages.read(
        f"events#{caller.tenant}#{entity_id}",
        cursor,
        lambda after: service.listed(caller, entity_id, limit, after),
    )
    data = [EventView.model_validate(event.model_dump()) for event in found]
    return EventPage(data=data, gaps=list(rules.gaps(found)), next_cursor=next_cursor)


def _refused(body: EventsRequest, errors: list[EventError]) -> AppError:
    """Nothing of the request holds: it is refused as a whole."""
    if body.events is None or (all(error.code == _UNKNOWN for error in errors) and errors):
        return service.nothing()
    shown = [error.model_dump() for error in errors]
    return BadRequest("None of the events hold.", code="no_valid_event", data={"errors": shown})


def _unknown(index: int) -> EventError:
    return EventError(index=index, code=_UNKNOWN, message=service.nothing().message, fields=[])


def _single(body: EventsRequest) -> NewEvent:
    """Raises `Invalid`."""
    try:
        return NewEvent.model_validate(body.model_dump(exclude_unset=True, exclude={"events", "sent_at"}))
    except ValidationError as error:
        fields = tuple(FieldError(f"body.{_where(each)}", each["type"], each["msg"]) for each in error.errors())
        raise Invalid("The event does not hold.", fields=fields) from None


def _batch(events: list[dict[str, Any]]) -> tuple[dict[int, NewEvent], list[EventError]]:
    """Those that hold, and what is wrong with the others, by their index."""
    said, errors = dict[int, NewEvent](), list[EventError]()
    for index, event in enumerate(events):
        try:
            said[index] = NewEvent.model_validate({name: value for name, value in event.items() if value is not None})
        except ValidationError as error:
            errors.append(_error(index, error))
    return said, errors


def _error(index: int, error: ValidationError) -> EventError:
    fields = [
        {"field": _where(each), "kind": str(each["type"]), "message": str(each["msg"])} for each in error.errors()
    ]
    message = "; ".join(f"{field['field']}: {field['message']}" for field in fields)
    return EventError(index=index, code="VALIDATION_ERROR", message=message, fields=fields)


def _where(each: Any) -> str:
    return ".".join(map(str, each["loc"])) or "event"
