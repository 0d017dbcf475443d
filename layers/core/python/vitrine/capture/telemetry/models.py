from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError, to_json

from vitrine.kernel.record import WHOLE, Moment, Record, Uuid

MOST_META = 4_096
MOST_EVENTS = 500


class EntityType(StrEnum):
    SESSION = "session"
    IMAGE = "image"
    DEVICE = "device"


class EventName(StrEnum):
    UPLOAD_STARTED = "upload_started"
    UPLOAD_COMPLETE = "upload_complete"
    UPLOAD_FAILED = "upload_failed"
    QC_FAILED = "qc_failed"
    PUBLISHED = "published"


def _small(meta: dict[str, Any]) -> dict[str, Any]:
    if len(to_json(meta)) > MOST_META:
        raise PydanticCustomError("meta_size", "meta takes at most 4096 bytes as JSON.")
    return meta


class NewEvent(Record):
    """One event as a client tells it. The same `event_id` of the same entity counts once.

    `occurred_at` is the client's own moment. `sequence` orders a client's events, however late they come.
    """

    entity_type: EntityType
    entity_id: Uuid
    type: EventName
    message: str | None = Field(default=None, max_length=1000)
    meta: Annotated[dict[str, Any], AfterValidator(_small)] = Field(default_factory=dict)
    event_id: str | None = Field(default=None, min_length=1, max_length=64, pattern=r"^[!-~]+$")
    occurred_at: Moment | None = None
    sequence: Annotated[int, Field(strict=True, ge=0, lt=10**15), WHOLE] | None = None


class CaptureEvent(Record):
    """An event as it was taken. `received_at` is our moment, `actor` who told it.

    `clock_offset_s` is how far the client's clock is ahead of ours, as far as that is known.
    """

    event_id: str
    tenant: str
    entity_type: EntityType
    entity_id: str
    type: EventName
    message: str | None
    meta: dict[str, Any]
    actor: str
    occurred_at: AwareDatetime | None
    received_at: AwareDatetime
    sequence: int | None
    clock_offset_s: float | None
    index: int = 0


class SequenceGap(Record):
    """Numbers that are missing between two events of one actor."""

    actor: str
    after: int
    before: int
