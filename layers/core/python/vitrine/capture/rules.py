"""What a session expects, what it still takes, and when its set is due for a verdict. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from vitrine.capture.models import (
    CaptureMode,
    CaptureWarning,
    Image,
    ImageStatus,
    Session,
    SessionStatus,
    SetStatus,
    ShotList,
    Spin,
)
from vitrine.kernel.errors import BadRequest, Forbidden
from vitrine.kernel.principal import Principal

DEVICE = "device"
LATE_FRAMES = timedelta(hours=72)
"""How long after `complete` a camera that was offline may still bring its frames."""
CLOCK_AHEAD = timedelta(minutes=5)
"""How far ahead of ours a device's clock may be."""
FEW_FRAMES = 24
"""The least that Auto Care's guidelines (rev. 4, page 37) ask of a plane."""
FRAME_COUNTS = frozenset(n for n in range(12, 145) if 360 % n == 0) | {144}
"""Of which each frame has an angle of its own in whole degrees; 144 is Auto Care's largest."""
DEFAULT_SPIN = Spin()
_SEEN = (ImageStatus.PROCESSED, ImageStatus.PUBLISHED)
_MOVES = {
    SessionStatus.ACTIVE: frozenset({SessionStatus.COMPLETE, SessionStatus.ABANDONED, SessionStatus.FAILED}),
    SessionStatus.COMPLETE: frozenset[SessionStatus](),
    SessionStatus.ABANDONED: frozenset[SessionStatus](),
    SessionStatus.FAILED: frozenset[SessionStatus](),
}
"""The state machine of a session: what may follow what. The same status again changes nothing."""


def shot_list_of(mode: CaptureMode, asked: ShotList | None) -> ShotList:
    """What was asked for, with the mode's turn of 24 frames where it says none."""
    asked = asked or ShotList()
    if mode is CaptureMode.STILLS or spin_of(mode, asked) is not None:
        return asked
    return asked.model_copy(update={mode.value: DEFAULT_SPIN})


def spin_of(mode: CaptureMode, shots: ShotList) -> Spin | None:
    """The turn that a session of this mode brings; None for stills."""
    return None if mode is CaptureMode.STILLS else getattr(shots, mode.value)


def check_shots(mode: CaptureMode, shots: ShotList) -> tuple[CaptureWarning, ...]:
    """What is odd about a shot list. Raises `BadRequest` for a count that gives no whole degrees."""
    spin = spin_of(mode, shots)
    if spin is None:
        return ()
    field = f"shot_list.{mode.value}.frame_count"
    if spin.frame_count not in FRAME_COUNTS:
        raise BadRequest(
            f"frame_count is one of {', '.join(map(str, sorted(FRAME_COUNTS)))}.",
            code="invalid_frame_count",
            data={"field": field},
        )
    if spin.frame_count >= FEW_FRAMES:
        return ()
    return (CaptureWarning(code="few_frames", message="A smooth turn has 24 frames or more.", field=field),)


def frame_count(session: Session) -> int:
    """How many frames its turn has; 0 for stills."""
    spin = spin_of(session.mode, session.shot_list)
    return spin.frame_count if spin else 0


def angle_of(frame: int, frames: int) -> int:
    """The angle of frame k of n, 360 k / n degrees; of 144 frames, every second one is half a degree less."""
    return 360 * frame // frames


def is_seen(image: Image) -> bool:
    """Whether it was inspected and is a picture."""
    return image.status in _SEEN


def covered(images: Iterable[Image]) -> tuple[set[int], set[str]]:
    """The frames and the stills that arranged images show."""
    seen = [image.position for image in images if is_seen(image)]
    frames = {place.frame for place in seen if place.frame is not None}
    return frames, {place.shot_name for place in seen if place.shot_name is not None}


def missing_frames(session: Session, images: Iterable[Image]) -> list[int]:
    """Of its turn, those that no inspected image shows."""
    frames, _ = covered(images)
    return [frame for frame in range(frame_count(session)) if frame not in frames]


def missing_stills(session: Session, images: Iterable[Image]) -> list[str]:
    _, stills = covered(images)
    return [name for name in session.shot_list.stills if name not in stills]


def is_whole(session: Session, images: Iterable[Image]) -> bool:
    images = list(images)
    return not missing_frames(session, images) and not missing_stills(session, images)


def is_due(session: Session, images: Iterable[Image]) -> bool:
    """Whether its set wants a verdict: something changed since the last one, no job is at it, and all expected places
    are there, or nobody brings more."""
    if session.set_job is not None or session.set_version <= session.judged_version:
        return False
    if session.status in (SessionStatus.ABANDONED, SessionStatus.FAILED):
        return False
    return session.status is SessionStatus.COMPLETE or is_whole(session, images)


def set_status(session: Session, images: Iterable[Image]) -> SetStatus:
    """What is known of the set at this moment: the verdict while nothing changed since, else what its places say."""
    if session.judged_version and session.judged_version == session.set_version and session.set_job is None:
        return session.set_status
    if session.status is SessionStatus.COMPLETE and not is_whole(session, images):
        return SetStatus.INCOMPLETE
    return SetStatus.JUDGING if session.set_job is not None else SetStatus.OPEN


def takes_frames(session: Session, now: datetime) -> bool:
    """While it is active, and for 72 hours after it was completed."""
    if session.status is SessionStatus.ACTIVE:
        return True
    return session.status is SessionStatus.COMPLETE and now <= (session.closed_at or session.updated_at) + LATE_FRAMES


def is_owner(session: Session, principal: Principal) -> bool:
    """Whether somebody may add to a session of their site: people may, and the device that opened it; a session that a
    person opened is any device's."""
    return principal.role != DEVICE or session.device_id in (None, principal.actor)


def check_owner(session: Session, principal: Principal) -> None:
    """Raises `Forbidden`."""
    if not is_owner(session, principal):
        raise Forbidden("Another device opened this session.", code="session_not_owned")


def close(session: Session, status: SessionStatus, completed_at: datetime | None, now: datetime) -> Session:
    """The session in its next status; the same object when it has that one already.

    Raises `BadRequest` for a change that the state machine does not know, and for a moment that cannot be.
    """
    if session.status is status:
        return session
    if status not in _MOVES[session.status]:
        raise BadRequest(
            f"A session that is {session.status} does not become {status}.",
            code="invalid_transition",
            data={"field": "status"},
        )
    check_moment(session, completed_at, now)
    ended = (completed_at or now) if status is SessionStatus.COMPLETE else completed_at
    return changed(session, now, status=status, completed_at=ended, closed_at=now)


def check_moment(session: Session, completed_at: datetime | None, now: datetime) -> None:
    """Raises `BadRequest` for a completion before the start, or more than five minutes ahead of our clock."""
    if completed_at is not None and not session.started_at <= completed_at <= now + CLOCK_AHEAD:
        raise BadRequest(
            "completed_at lies between started_at and now.",
            code="invalid_completed_at",
            data={"field": "completed_at"},
        )


def changed(session: Session, now: datetime, **changes: Any) -> Session:
    """The session's next version."""
    return session.model_copy(update={"version": session.version + 1, "updated_at": now, **changes})


def image_changed(image: Image, now: datetime, **changes: Any) -> Image:
    """The image's next version."""
    return image.model_copy(update={"version": image.version + 1, "updated_at": now, **changes})
