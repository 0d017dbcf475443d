"""What customers hear of a vehicle's capture, in the words of the surface."""

from collections.abc import Callable
from typing import Any

from vitrine.capture.models import ImageStatus, SessionStatus
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
from vitrine.contracts.announcements import Announcement, CaptureEventType
from vitrine.jobs.models import Job, JobEvent, JobEventType
from vitrine.kernel.clock import timestamp

SURFACE = "imaging360"
_FRAME = {ImageStatus.PROCESSED: CaptureEventType.IMAGE_PROCESSED, ImageStatus.FAILED: CaptureEventType.IMAGE_FAILED}
_SESSION = {
    SessionStatus.COMPLETE: CaptureEventType.SESSION_COMPLETED,
    SessionStatus.ABANDONED: CaptureEventType.SESSION_ABANDONED,
    SessionStatus.FAILED: CaptureEventType.SESSION_FAILED,
}
Words = tuple[CaptureEventType | None, str, dict[str, Any]]
"""The event's type, its id, and what it says besides the session."""


def of(change: Change) -> Announcement | None:
    """None for what customers do not hear of: a review, and a session that was opened."""
    name, event_id, data = _WORDS[type(change)](change)
    if name is None:
        return None
    said = {"session_id": change.session_id, **data, "occurred_at": timestamp(change.at)}
    return Announcement(tenant=change.tenant, event_id=event_id, surface=SURFACE, type=name, at=change.at, data=said)


def of_job(event: JobEvent, job: Job) -> Announcement | None:
    """A set that could not be judged or published, whose job says why. What went well, the change itself tells."""
    if event.type is not JobEventType.FAILED or event.error is None:
        return None
    error = event.error.model_dump(mode="json")
    data = {"session_id": job.subject, "work": job.kind.value, "error": error, "occurred_at": timestamp(event.at)}
    return Announcement(
        tenant=event.tenant,
        event_id=f"{event.job_id}_{event.number}",
        surface=SURFACE,
        type=CaptureEventType.SET_FAILED,
        at=event.at,
        data=data,
    )


def _frame(change: FrameInspected) -> Words:
    data = {"image_id": change.image_id, "status": change.status.value}
    error = {"error": change.error.model_dump(mode="json")} if change.error else {}
    return _FRAME.get(change.status), f"{change.image_id}_{change.version}", data | error


def _published_frame(change: FramePublished) -> Words:
    data = {"image_id": change.image_id, "status": ImageStatus.PUBLISHED.value}
    return CaptureEventType.IMAGE_PUBLISHED, f"{change.image_id}_{change.version}", data


def _reviewed(change: FrameReviewed) -> Words:
    return None, change.image_id, {}


def _session(change: SessionChanged) -> Words:
    return _SESSION.get(change.status), f"{change.session_id}_{change.version}", {"status": change.status.value}


def _judged(change: SetJudged) -> Words:
    return CaptureEventType.SET_JUDGED, f"{change.job_id}_judged", _all_but_keys(change)


def _overruled_often(change: CheckOverruledOften) -> Words:
    event_id = f"{change.site_id or change.tenant}_{change.mode}_{change.check}_{change.version}"
    return (
        CaptureEventType.CHECK_OVERRULED_OFTEN,
        event_id,
        change.model_dump(mode="json", exclude={"tenant", "session_id", "version", "at"}),
    )


def _published(change: SetPublished) -> Words:
    return CaptureEventType.SET_PUBLISHED, f"{change.job_id}_published", _all_but_keys(change)


def _all_but_keys(change: SetJudged | SetPublished) -> dict[str, Any]:
    return change.model_dump(mode="json", exclude={"tenant", "session_id", "job_id", "at"})


_WORDS: dict[type[Change], Callable[[Any], Words]] = {
    FrameInspected: _frame,
    FramePublished: _published_frame,
    FrameReviewed: _reviewed,
    SessionChanged: _session,
    SetJudged: _judged,
    CheckOverruledOften: _overruled_often,
    SetPublished: _published,
}
