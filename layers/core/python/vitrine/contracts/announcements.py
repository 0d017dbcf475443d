"""What customers are told of: the event types of each surface, and one announcement of such an event."""

from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime

from vitrine.contracts.message import Message

# What a client may register for; no docstrings, since those would stand in the OpenAPI documents.


class ImageEventType(StrEnum):
    PROCESSING = "image.processing"
    READY = "image.ready"
    ERROR = "image.error"


class StagingEventType(StrEnum):
    PROCESSING = "staging.processing"
    COMPLETED = "staging.completed"
    FAILED = "staging.failed"
    BATCH_COMPLETED = "batch.completed"
    BATCH_FAILED = "batch.failed"


class CaptureEventType(StrEnum):
    SESSION_COMPLETED = "session.completed"
    SESSION_ABANDONED = "session.abandoned"
    SESSION_FAILED = "session.failed"
    IMAGE_PROCESSED = "image.processed"
    IMAGE_FAILED = "image.failed"
    IMAGE_PUBLISHED = "image.published"
    SET_JUDGED = "set.judged"
    CHECK_OVERRULED_OFTEN = "check.overruled_often"
    SET_PUBLISHED = "set.published"
    SET_FAILED = "set.failed"


class Announcement(Message):
    """Something that happened, in the words of the surface it happened on: what its webhooks are sent.

    `event_id` is the same however often the event is told. `data` carries no URLs: signed ones would have ended long
    before the last attempt, and would lie in the log of deliveries. Whoever wants the picture asks the API by the id.
    """

    tenant: str
    event_id: str
    surface: str
    type: str
    at: AwareDatetime
    data: dict[str, Any]
