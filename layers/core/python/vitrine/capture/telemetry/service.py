"""What routes do with telemetry."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from vitrine.capture import store as sessions
from vitrine.capture.telemetry import rules, store
from vitrine.capture.telemetry.models import CaptureEvent, EntityType, NewEvent
from vitrine.kernel.call import Call
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import NotFound


def take(call: Call, said: Mapping[int, NewEvent], sent_at: datetime | None) -> int:
    """Keep the events of a request, by their place in it; says how many of them were known already.

    Idempotency key: the event's id within its entity. One that has none, and neither moment nor number, counts once
    for each Idempotency-Key.
    """
    taken = [
        rules.taken(event, call.tenant, call.principal.actor, call.ids.uuid(), call.now, index, sent_at)
        for index, event in said.items()
    ]
    new: Sequence[CaptureEvent] = list(
        {(event.entity_type, event.entity_id, event.event_id): event for event in taken[::-1]}.values()
    )[::-1]
    return len(taken) - len(new) + len(store.insert_each(new))


def listed(
    call: Call, kind: EntityType, entity_id: str, limit: int, after: Position | None
) -> tuple[list[CaptureEvent], Position | None]:
    """Events of an entity that the caller may see, in their order. Raises `NotFound` for any other.

    A device belongs to no site: its events are for those who see all sites.
    """
    site = _site_of(call.tenant, kind, entity_id)
    if site is None if kind is not EntityType.DEVICE else call.principal.sites is not None:
        raise _nothing()
    if site is not None and not call.principal.may_use(site):
        raise _nothing()
    return store.listed(call.tenant, kind, entity_id, limit, after)


def _site_of(tenant: str, kind: EntityType, entity_id: str) -> str | None:
    if kind is EntityType.DEVICE:
        return None
    session_id = sessions.session_of(tenant, entity_id) if kind is EntityType.IMAGE else entity_id
    session = sessions.get(tenant, session_id) if session_id else None
    return session.site_id if session else None


def _nothing() -> NotFound:
    return NotFound("There is no such session, image or device.", code="entity_not_found")
