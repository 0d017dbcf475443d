"""What routes do with telemetry."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from vitrine.capture import rules as capture
from vitrine.capture import store as sessions
from vitrine.capture.telemetry import rules, store
from vitrine.capture.telemetry.models import CaptureEvent, EntityType, NewEvent
from vitrine.kernel.call import Call
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import NotFound
from vitrine.kernel.ids import uuid_in


def unknown(call: Call, said: Mapping[int, NewEvent]) -> set[int]:
    """Those of the events whose session, image or device the caller may not tell of, or that there is not.

    A device's events are its own to tell.
    """
    known = _visible(call, said.values())
    return {number for number, event in said.items() if (event.entity_type, event.entity_id) not in known}


def take(call: Call, said: Mapping[int, NewEvent], sent_at: datetime | None) -> int:
    """Keep the events of a request, by their place in it; says how many of them were known already.

    Idempotency key: the event's id within its entity. One that has none, and neither moment nor number, counts once
    for each Idempotency-Key.
    """
    new: dict[tuple[str, str], CaptureEvent] = {}
    for index, event in said.items():
        taken = rules.taken(event, call.tenant, call.principal.actor, call.ids.uuid(), call.now, index, sent_at)
        new.setdefault((taken.entity_id, taken.event_id), taken)
    return len(said) - len(new) + len(store.insert_each(list(new.values())))


def listed(
    call: Call, entity_id: str, limit: int, after: Position | None
) -> tuple[list[CaptureEvent], Position | None]:
    """Events of a session, an image or a device that the caller may see, in their order. Raises `NotFound`.

    A device belongs to no site: its events are for those who see all sites, and of one that told nothing there is
    nothing to see.
    """
    known = uuid_in(entity_id)
    site = sessions.sites_of(call.tenant, [known], [known]).get(known) if known else None
    if known is None or not (call.principal.sites is None if site is None else call.principal.may_use(site)):
        raise nothing()
    found, position = store.listed(call.tenant, known, limit, after)
    if site is None and not found:
        raise nothing()
    return found, position


def nothing() -> NotFound:
    return NotFound("There is no such session, image or device.", code="entity_not_found")


def _visible(call: Call, said: Iterable[NewEvent]) -> set[tuple[EntityType, str]]:
    wanted = {(event.entity_type, event.entity_id) for event in said}
    of = {kind: [each for known, each in wanted if known is kind] for kind in EntityType}
    sites = sessions.sites_of(call.tenant, of[EntityType.SESSION], of[EntityType.IMAGE])
    seen = {(kind, each) for kind, each in wanted if each in sites and call.principal.may_use(sites[each])}
    is_device = call.principal.role == capture.DEVICE
    return seen | ({(EntityType.DEVICE, call.principal.actor)} if is_device else set())
