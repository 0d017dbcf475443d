"""What the bus carries about vehicles' captures."""

from typing import Any

from vitrine.capture.telling.models import (
    Change,
    CheckOverruledOften,
    FrameInspected,
    FramePublished,
    FrameReviewed,
    SessionChanged,
    SetJudged,
    SetPublished,
)
from vitrine.kernel.events import EventType

SOURCE = "vitrine.capture"
_DETAILS = (
    FrameInspected,
    FramePublished,
    FrameReviewed,
    SessionChanged,
    SetJudged,
    CheckOverruledOften,
    SetPublished,
)
EVENT_TYPES = tuple(EventType(SOURCE, detail.__name__, detail) for detail in _DETAILS)
(
    FRAME_INSPECTED,
    FRAME_PUBLISHED,
    FRAME_REVIEWED,
    SESSION_CHANGED,
    SET_JUDGED,
    CHECK_OVERRULED_OFTEN,
    SET_PUBLISHED,
) = EVENT_TYPES


def entry(change: Change, bus: str) -> dict[str, Any]:
    """A PutEvents entry. Consumers deduplicate by the id and the version or job that the detail names."""
    return {
        "EventBusName": bus,
        "Source": SOURCE,
        "DetailType": type(change).__name__,
        "Detail": change.model_dump_json(),
        "Time": change.at,
        "Resources": [],
    }


def change_in(event: dict[str, Any]) -> Change | None:
    """The change that an event of the bus carries; None for events of others."""
    told = {each.detail_type: each.detail for each in EVENT_TYPES} if event.get("source") == SOURCE else {}
    detail = told.get(event.get("detail-type", ""))
    change: Any = detail.model_validate(event["detail"]) if detail else None
    return change  # type: ignore[no-any-return]  # the details of EVENT_TYPES are the changes
