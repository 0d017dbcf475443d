"""What may be published, and by which word; what a publication is before and after its job. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from vitrine.capture import rules
from vitrine.capture.models import Image, ImageStatus, Review, Session, SessionStatus, SetStatus
from vitrine.capture.publishing import keys, naming
from vitrine.capture.publishing.models import (
    Live,
    Manifest,
    Order,
    Override,
    PlannedFrame,
    Publication,
    PublicFrame,
    Verdict,
)
from vitrine.contracts.inference import Plate
from vitrine.identity.organisations.models import FirstFrame
from vitrine.kernel.errors import Conflict, Invalid
from vitrine.set_qc.models import Check, CheckStatus, Direction, SetReport

_OVER = (SessionStatus.ABANDONED, SessionStatus.FAILED)
_WORST = (CheckStatus.FAIL, CheckStatus.WARN, CheckStatus.PASS)


def check_may_publish(session: Session, reason: str | None) -> None:
    """Raises `Conflict` for a set that is not ready, and `Invalid` for one whose checks want a word of somebody's."""
    if session.status in _OVER:
        raise Conflict(f"The session is {session.status}; its frames are not published.", code="session_is_over")
    if session.set_status is SetStatus.JUDGING:
        raise Conflict("The set is being judged. Publish it when its verdict is there.", code="set_being_judged")
    if session.set_status is not SetStatus.COMPLETE and not reason:
        raise needs_reason(_WHY[session.set_status])


def check_frames(images: Iterable[Image], reason: str | None) -> None:
    """Raises `Conflict` where there is nothing to publish, and `Invalid` as for a frame alone."""
    frames = frames_of(images)
    if not frames:
        raise Conflict("No frame of the session is a picture.", code="nothing_to_publish")
    for image in frames:
        check_may_publish_frame(image, reason)


_WHY = {
    SetStatus.OPEN: "The set has not been judged.",
    SetStatus.INCOMPLETE: "Frames are missing.",
    SetStatus.FAILED: "Some checks failed.",
}


def needs_reason(why: str) -> Invalid:
    return Invalid.field("body.override_reason", "missing", f"{why} Publishing all the same needs an override_reason.")


def frames_of(images: Iterable[Image]) -> list[Image]:
    """The arranged images that are published: pictures, and of each place the one that holds."""
    return [image for image in images if image.current and rules.is_seen(image) and image.duplicate_of is None]


def verdict_of(image: Image, report: SetReport | None) -> Verdict:
    """What all checks said of a frame: its own, and those of its set, which a frame that is read with its set has."""
    return Verdict(
        thresholds=report.thresholds if report else None,
        status=worst(image.qc),
        checks={name: check.status for name, check in sorted(image.qc.items())},
    )


def worst(checks: Mapping[str, Check]) -> CheckStatus:
    found = {check.status for check in checks.values()}
    return next((status for status in _WORST if status in found), CheckStatus.PASS)


def check_may_publish_frame(image: Image, reason: str | None) -> None:
    """Raises `Conflict` for what is no picture (yet), and `Invalid` for a frame that wants a word of somebody's: a
    check failed, or a reviewer wants it shot again, and no reviewer let it pass."""
    if not rules.is_seen(image):
        known = image.error.message if image.error else "It has not been inspected yet."
        raise Conflict(f"The frame cannot be published. {known}", code="frame_not_usable")
    if not reason and wants_word(image):
        raise needs_reason("Some checks of the frame failed.")


def wants_word(image: Image) -> bool:
    if image.review is not None:
        return not image.review.passed
    return worst(image.qc) is CheckStatus.FAIL


def override_of(image: Image, verdict: Verdict, order: Override | None) -> Override | None:
    """By whose word a failed frame is published: the reviewer's, else that of whoever publishes."""
    if verdict.status is not CheckStatus.FAIL:
        return None
    if image.review is not None and image.review.passed:
        return Override(reason=image.review.reason, at=image.review.at)
    return order


def turn(
    session: Session, images: Sequence[Image], front_frame: str | None, report: SetReport | None, choice: FirstFrame
) -> list[tuple[int, Image]]:
    """The turn's frames with their places, beginning as the organisation wants it."""
    placed = [(image.position.frame, image) for image in images if image.position.frame is not None]
    count = rules.frame_count(session)
    front = _front(images, front_frame)
    direction = report.direction if report else Direction.UNKNOWN
    return naming.in_order(placed, naming.begin(front, count, direction, choice) if count else 0)


def _front(images: Sequence[Image], front_frame: str | None) -> int | None:
    return next((image.position.frame for image in images if image.id == front_frame), None)


def view_deg(frame: int | None, images: Sequence[Image], front_frame: str | None, count: int) -> float | None:
    front = _front(images, front_frame)
    if frame is None or front is None or not count:
        return None
    return ((frame - front) * 360 / count) % 360


def planned(
    image: Image,
    name: str,
    original_key: str,
    *,
    report: SetReport | None,
    order: Order,
    plates: tuple[Plate, ...] | None,
    angle_deg: float | None,
    view: float | None,
) -> PlannedFrame:
    """The original was kept only because it has the digest that the phone announced."""
    verdict = verdict_of(image, report)
    return PlannedFrame(
        image_id=image.id,
        name=name,
        original_key=original_key,
        frame=image.position.frame,
        angle_deg=angle_deg,
        view_deg=view,
        shot_name=image.position.shot_name,
        captured_at=image.exposure.taken_at,
        uploaded_sha256=image.content_sha256.lower(),
        original_sha256=image.content_sha256.lower(),
        qc=verdict,
        override=override_of(image, verdict, order.override),
        plates=plates,
    )


def requested(session: Session, before: Publication | None, job_id: str, now: datetime) -> Publication:
    """The publication while a new job is at it; what was public stays so."""
    return Publication(
        tenant=session.tenant,
        session_id=session.id,
        site_id=session.site_id,
        version=before.version + 1 if before else 1,
        set_version=session.set_version,
        job_id=job_id,
        requested_at=now,
        live=before.live if before else None,
    )


def is_at_it(publication: Publication, job_id: str) -> bool:
    """Whether this job may still make its files public."""
    return publication.job_id == job_id and publication.withdrawn_at is None


def published(before: Publication, live: Live) -> Publication:
    """The same object if it is so already."""
    if before.live is not None and before.live.job_id == live.job_id:
        return before
    return before.model_copy(update={"version": before.version + 1, "live": live, "withdrawn_at": None})


def withdrawn(before: Publication, now: datetime) -> Publication:
    """The same object if it is so already."""
    if before.withdrawn_at is not None:
        return before
    return before.model_copy(update={"version": before.version + 1, "live": None, "withdrawn_at": now})


def marked(images: Iterable[Image], live: Live | None, now: datetime) -> list[Image]:
    """The images whose record differs from what is public, as it should be.

    What was published of another set and is not in this one is public no more; a frame that was published on its own
    stays so until its set is.
    """
    wanted = {frame.image_id: f"{live.prefix}{frame.name}" for frame in live.frames} if live else {}
    return [after for image in images if (after := _marked(image, wanted.get(image.id), now)) is not image]


def _marked(image: Image, key: str | None, now: datetime) -> Image:
    if key is not None and image.published_key != key:
        return public(image, key, now)
    if key is None and image.published_key is not None and not keys.is_of_one_frame(image.published_key):
        return hidden(image, now)
    return image


def public(image: Image, key: str, now: datetime, override: Review | None = None) -> Image:
    shown = {"published_at": now, "published_key": key, "override": override}
    return rules.image_changed(image, now, status=ImageStatus.PUBLISHED, **shown)


def all_hidden(images: Iterable[Image], now: datetime) -> list[Image]:
    """Those that are public, as they are when they are so no more."""
    return [hidden(image, now) for image in images if image.published_key is not None]


def shown_of(images: Iterable[Image], changed: Iterable[Image]) -> list[Image]:
    """The images with those that were changed in their place."""
    newer = {image.id: image for image in changed}
    return [newer.get(image.id, image) for image in images]


def hidden(image: Image, now: datetime) -> Image:
    gone = dict.fromkeys(("published_at", "published_key", "override"))
    return rules.image_changed(image, now, status=ImageStatus.PROCESSED, **gone)


def live_of(manifest: Manifest, job_id: str, prefix: str, manifest_sha256: str, now: datetime) -> Live:
    return Live(
        job_id=job_id,
        set_version=manifest.set_version,
        published_at=now,
        prefix=prefix,
        frames=tuple(
            PublicFrame(
                name=frame.published.name,
                width=frame.published.width,
                height=frame.published.height,
                **frame.model_dump(include={"image_id", "frame", "angle_deg", "view_deg", "shot_name", "sizes"}),
            )
            for frame in (*manifest.frames, *manifest.stills)
        ),
        package=manifest.package,
        manifest_sha256=manifest_sha256,
    )
