"""What an event becomes, in which order events stand, and which are missing. Pure."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from vitrine.capture.telemetry.models import CaptureEvent, NewEvent, SequenceGap
from vitrine.kernel.clock import timestamp


def taken(
    said: NewEvent, tenant: str, actor: str, spare_id: str, now: datetime, index: int, sent_at: datetime | None
) -> CaptureEvent:
    """The event as it is kept; `index` is its place among those that came with it, `spare_id` an id of ours.

    Without an `event_id` one is made of what the client says, if a moment or a number in it tells it from another of
    the same words; else it is `spare_id`.
    """
    return CaptureEvent(
        event_id=said.event_id or _id_of(said, actor) or spare_id,
        tenant=tenant,
        entity_type=said.entity_type,
        entity_id=said.entity_id,
        type=said.type,
        message=said.message,
        meta=said.meta,
        actor=actor,
        occurred_at=said.occurred_at,
        received_at=now,
        sequence=said.sequence,
        clock_offset_s=clock_offset(said.occurred_at, sent_at, now),
        index=index,
    )


def _id_of(said: NewEvent, actor: str) -> str | None:
    if said.occurred_at is None and said.sequence is None:
        return None
    return hashlib.sha256(f"{actor}/{said.model_dump_json()}".encode()).hexdigest()[:40]


def clock_offset(occurred_at: datetime | None, sent_at: datetime | None, now: datetime) -> float | None:
    """Seconds that a client's clock is ahead of ours: by when it says it sent the request. Where it does not say that,
    only an event of the future tells, and by how much at least."""
    if sent_at is not None:
        return round((sent_at - now).total_seconds(), 3)
    return round((occurred_at - now).total_seconds(), 3) if occurred_at is not None and occurred_at > now else None


def order_of(event: CaptureEvent) -> str:
    """Sorts the events of an entity: those with a number by it, the others behind them by when they came to us. A
    client's clock orders nothing."""
    if event.sequence is not None:
        return f"0#{event.sequence:015}#{event.actor}#{event.event_id}"
    return f"1#{timestamp(event.received_at)}#{event.index:04}#{event.event_id}"


def gaps(events: Iterable[CaptureEvent]) -> Iterator[SequenceGap]:
    """Where the numbers of an actor leap, among events in their order."""
    last: dict[str, int] = {}
    for event in events:
        before = last.get(event.actor)
        if event.sequence is None:
            continue
        if before is not None and event.sequence > before + 1:
            yield SequenceGap(actor=event.actor, after=before, before=event.sequence)
        last[event.actor] = event.sequence
