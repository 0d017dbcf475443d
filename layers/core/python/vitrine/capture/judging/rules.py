"""What a set's report means for its session: the status, what people overruled, what is to be shot again. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from vitrine.capture import rules
from vitrine.capture.models import CaptureMode, Image, Session, SetStatus, SetVerdict
from vitrine.set_qc.models import Check, CheckStatus, ReshootItem, SetFrame, SetReport

Checks = Mapping[str, Mapping[str, Check]]
_AGAIN = "Shoot the frame again."


def counting(arranged: Iterable[Image]) -> tuple[Image, ...]:
    """The frames of a set: pictures, of which each holds at its place."""
    return tuple(image for image in arranged if image.current and rules.is_seen(image))


def turn(images: Iterable[Image]) -> tuple[SetFrame, ...]:
    """Those of the images that are frames of a turn, as their set claims them, in the claimed order."""
    frames = [image for image in images if image.position.shot_name is None]
    return tuple(SetFrame(id=image.id, index=image.position.frame, name=image.file_name) for image in frames)


def expected(session: Session) -> int | None:
    """How many frames the turn has; None where there is none."""
    return None if session.mode is CaptureMode.STILLS else rules.frame_count(session)


def failing(checks: Mapping[str, Check]) -> tuple[str, ...]:
    return tuple(name for name, check in checks.items() if check.status is CheckStatus.FAIL)


def overruled(image: Image, checks: Mapping[str, Check]) -> tuple[str, ...]:
    """The checks that fail and that a person let pass."""
    return failing(checks) if image.review is not None and image.review.passed else ()


def is_to_be_shot_again(image: Image, checks: Mapping[str, Check]) -> bool:
    """A person's word comes before the checks."""
    return bool(failing(checks)) if image.review is None else not image.review.passed


def reviews(images: Iterable[Image]) -> dict[str, bool]:
    """Of the frames that people said something of, whether they let them pass."""
    return {image.id: image.review.passed for image in images if image.review is not None}


def status(session: Session, images: tuple[Image, ...], checks: Checks, of_set: Mapping[str, Check]) -> SetStatus:
    """Incomplete while a place is empty; else failed if a frame is to be shot again, or the set itself fails."""
    return concluded(rules.is_whole(session, images), reviews(images), checks, of_set)


def concluded(is_whole: bool, said: Mapping[str, bool], checks: Checks, of_set: Mapping[str, Check]) -> SetStatus:
    """The same from what people said of the frames."""
    if not is_whole:
        return SetStatus.INCOMPLETE
    unsaid = (found for frame, found in checks.items() if frame not in said)
    again = not all(said.values()) or any(map(failing, unsaid))
    return SetStatus.FAILED if again or failing(of_set) else SetStatus.COMPLETE


def reshoot(
    session: Session, images: tuple[Image, ...], checks: Checks, found: tuple[ReshootItem, ...]
) -> tuple[ReshootItem, ...]:
    """In walking order, what the report says but for what a person let pass; then what only a person or a still's own
    checks want again."""
    by_id = {image.id: image for image in images}
    kept = [item for item in found if item.id not in by_id or _wanted(by_id[item.id], checks)]
    listed = {item.id for item in kept}
    others = [image for image in images if image.id not in listed and _wanted(image, checks)]
    items = [*kept, *(_item(session, image, checks.get(image.id, {})) for image in others)]
    return tuple(sorted(items, key=lambda item: (item.index is None, item.index or 0)))


def _wanted(image: Image, checks: Checks) -> bool:
    return is_to_be_shot_again(image, checks.get(image.id, {}))


def _item(session: Session, image: Image, checks: Mapping[str, Check]) -> ReshootItem:
    frame, codes = image.position.frame, failing(checks)
    remedies = [checks[name].remedy for name in codes]
    said = image.review.reason if image.review is not None and not image.review.passed else None
    return ReshootItem(
        id=image.id,
        index=frame,
        angle_deg=None if frame is None else 360 * frame / rules.frame_count(session),
        station=f"still {image.position.shot_name}" if image.position.shot_name else _station(session, frame),
        codes=("reviewer",) if said else tuple(checks[name].code for name in codes),
        remedy=said or next(filter(None, remedies), _AGAIN),
    )


def _station(session: Session, frame: int | None) -> str:
    if frame is None:
        return "a frame without a place"
    return f"frame {frame + 1}, {360 * frame / rules.frame_count(session):g} degrees"


def verdict(
    session: Session, images: tuple[Image, ...], report: SetReport, report_key: str, now: datetime
) -> SetVerdict:
    """The report, with what people said and with what the session expects."""
    checks = report.frames
    return SetVerdict(
        set_version=session.set_version,
        status=status(session, images, checks, report.checks),
        thresholds=report.thresholds,
        missing=report.missing,
        duplicates=report.duplicates,
        swapped=report.swapped,
        foreign=report.foreign,
        checks=report.checks,
        reshoot=reshoot(session, images, checks, report.reshoot),
        front_frame=report.front_frame,
        direction=report.direction,
        confidence=report.confidence,
        reviews=reviews(images),
        report_key=report_key,
        judged_at=now,
    )
