"""Where each image of a session stands, and which of those at one place holds. Pure, and the same for every order of
arrival: it is worked out from all images together whenever they are read.

A place is known from the request, then from the file's name (`vitrine.capture.file_names`), then from the moment at
which the camera took the picture. What the surer source says holds; what another one says besides is a conflict.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from vitrine.capture import file_names, rules
from vitrine.capture.models import Claim, Image, ImageStatus, Position, PositionSource, Session, ShotList
from vitrine.kernel.errors import BadRequest

_RANK = {ImageStatus.PUBLISHED: 2, ImageStatus.PROCESSED: 2, ImageStatus.FAILED: 0}
"""What holds among images at one place before their time does: a picture, then one that is still to come."""


def claimed(
    shots: ShotList, frames: int, *, angle_deg: float | None, frame: int | None, shot_name: str | None
) -> Claim:
    """The place that a request gives. Raises `BadRequest` for two at once, and for one that the session has not."""
    if sum(value is not None for value in (angle_deg, frame, shot_name)) > 1:
        raise _bad("angle_deg", "Send one of angle_deg, frame and shot_name.")
    if shot_name is not None:
        if shots.stills and shot_name not in shots.stills:
            raise _bad("shot_name", f"The session's stills are {', '.join(shots.stills)}.")
        return Claim(shot_name=shot_name)
    if (angle_deg is not None or frame is not None) and not frames:
        raise _bad("frame" if angle_deg is None else "angle_deg", "A session of stills has no turn; send shot_name.")
    if frame is not None and frame >= frames:
        raise _bad("frame", f"The session has frames 0 to {frames - 1}.")
    return Claim(frame=frame) if angle_deg is None else _at_angle(angle_deg, frames)


def _at_angle(angle_deg: float, frames: int) -> Claim:
    nearest = round(angle_deg * frames / 360) % frames
    off = min(abs(angle_deg % 360 - angle) for angle in (360 * nearest / frames, 360 * nearest / frames + 360))
    return Claim(frame=nearest, off_by_deg=off if off >= 1 else 0.0)


def arrange(session: Session, images: Iterable[Image]) -> tuple[Image, ...]:
    """The images with their `position`, `current` and `duplicate_of`; in the order of a turn, then by age.

    Of several images at one place, the one that was taken last is current, whatever the order of arrival; a file that
    is no picture never takes the place of one that is.
    """
    known = sorted(images, key=lambda image: (image.created_at, image.id))
    places = _positions(session, known)
    current, doubles = _current(known, places), _doubles(known, places)
    arranged = [
        image.model_copy(
            update={
                "position": places[image.id],
                "current": image.id in current,
                "duplicate_of": doubles.get(image.id),
            }
        )
        for image in known
    ]
    return tuple(sorted(arranged, key=_walk))


def _walk(image: Image) -> tuple[bool, int, datetime, str]:
    frame = image.position.frame
    return frame is None, frame or 0, image.created_at, image.id


def versions(image_id: str, arranged: Sequence[Image]) -> tuple[Image, ...]:
    """All images at one image's place, the one that holds first; itself alone where it has no place."""
    place = next((_place(image.position) for image in arranged if image.id == image_id), None)
    same = [each for each in arranged if (_place(each.position) == place if place else each.id == image_id)]
    return tuple(sorted(same, key=_newest(same), reverse=True))


def _positions(session: Session, images: Sequence[Image]) -> dict[str, Position]:
    stills = {image.id: name for image in images if (name := _still(session, image)) is not None}
    turn = [image for image in images if image.id not in stills]
    frames = rules.frame_count(session)
    places = _in_turn(turn, frames) if frames else {image.id: Position() for image in turn}
    by_id = {image.id: image for image in images}
    return places | {key: _of_still(by_id[key].claim, name) for key, name in stills.items()}


def _still(session: Session, image: Image) -> str | None:
    """The still that an image shows: as the request said, else as its file is called."""
    if image.claim.shot_name is not None or image.claim.frame is not None:
        return image.claim.shot_name
    named = file_names.stem(image.file_name).lower()
    return next((name for name in session.shot_list.stills if name.lower() == named), None)


def _of_still(claim: Claim, name: str) -> Position:
    source = PositionSource.REQUEST if claim.shot_name is not None else PositionSource.FILE_NAME
    return Position(shot_name=name, source=source)


def _in_turn(images: Sequence[Image], frames: int) -> dict[str, Position]:
    numbers = file_names.numbers({image.id: image.file_name for image in images})
    claims = {image.id: image.claim for image in images if image.claim.frame is not None}
    said = _frames_said(numbers, claims, frames)
    places = {key: _of_name(frame, frames) for key, frame in said.items() if key not in claims}
    places |= {key: _of_claim(claim, said.get(key)) for key, claim in claims.items()}
    return places | _by_time([image for image in images if image.id not in places], images, places, frames)


def _frames_said(numbers: dict[str, int], claims: Mapping[str, Claim], frames: int) -> dict[str, int]:
    """The frame that each file's name says; none where the names count something else."""
    offsets = [numbers[key] - (claim.frame or 0) for key, claim in claims.items() if key in numbers]
    unclaimed = [number for key, number in numbers.items() if key not in claims]
    first = file_names.first_number(unclaimed, frames, offsets if _agree(offsets) else ())
    return {} if first is None else {key: number - first for key, number in numbers.items()}


def _agree(offsets: Sequence[int]) -> bool:
    """Whether names and requests count alike on most of several files: else the names count something else."""
    most = max(map(offsets.count, offsets), default=0)
    return most > 1 and most * 2 > len(offsets)


def _of_name(frame: int, frames: int) -> Position:
    if 0 <= frame < frames:
        return Position(frame=frame, source=PositionSource.FILE_NAME)
    return Position(conflict=f"The file's number is that of frame {frame}, and the turn has frames 0 to {frames - 1}.")


def _of_claim(claim: Claim, said: int | None) -> Position:
    conflict = None
    if claim.off_by_deg:
        conflict = f"The angle lies {claim.off_by_deg:.1f} degrees from frame {claim.frame}."
    elif said is not None and said != claim.frame:
        conflict = f"The request says frame {claim.frame}, the file's name frame {said}."
    return Position(frame=claim.frame, source=PositionSource.REQUEST, conflict=conflict)


def _by_time(
    unplaced: Sequence[Image], images: Sequence[Image], places: dict[str, Position], frames: int
) -> dict[str, Position]:
    """By when they were taken: all of a set in their order, or one between its neighbours where just one is missing."""
    timed = sorted((image for image in images if image.exposure.taken_at), key=_taken)
    wanted = {image.id for image in unplaced}
    found: dict[str, Position] = {image.id: Position() for image in unplaced}
    if not any(place.frame is not None for place in places.values()):
        ranked = [image for image in timed if image.id in wanted][:frames]
        return found | {image.id: _timed(rank) for rank, image in enumerate(ranked)}
    for index, image in enumerate(timed):
        if image.id in wanted:
            found[image.id] = _between(timed, index, places)
    return found


def _between(timed: Sequence[Image], index: int, places: dict[str, Position]) -> Position:
    if not 0 < index < len(timed) - 1:
        return Position()
    before, after = (places.get(timed[index + step].id, Position()).frame for step in (-1, 1))
    if before is None or after is None or abs(after - before) != 2:
        return Position()
    return _timed((before + after) // 2)


def _timed(frame: int) -> Position:
    return Position(frame=frame, source=PositionSource.CAPTURE_TIME)


def _taken(image: Image) -> datetime:
    """For order within a session: a moment without a zone counts as UTC, and cameras of one session write one kind."""
    taken = image.exposure.taken_at or image.created_at
    return taken if taken.tzinfo else taken.replace(tzinfo=UTC)


def _place(position: Position) -> tuple[int | None, str | None] | None:
    place = (position.frame, position.shot_name)
    return None if place == (None, None) else place


def _newest(images: Sequence[Image]) -> "_Newness":
    return _Newness(all(image.exposure.taken_at for image in images if rules.is_seen(image)))


class _Newness:
    """Sorts versions of one place: pictures before what is still to come, then by capture time where each has one,
    else by when they were announced."""

    def __init__(self, timed: bool) -> None:
        self._timed = timed

    def __call__(self, image: Image) -> tuple[int, datetime, datetime, str]:
        moment = _taken(image) if self._timed else image.created_at
        return _RANK.get(image.status, 1), moment, image.created_at, image.id


def _current(images: Sequence[Image], places: dict[str, Position]) -> set[str]:
    groups: dict[object, list[Image]] = defaultdict(list)
    for image in images:
        groups[_place(places[image.id]) or image.id].append(image)
    return {max(group, key=_newest(group)).id for group in groups.values()}


def _doubles(images: Sequence[Image], places: dict[str, Position]) -> dict[str, str]:
    """By id, the image whose very bytes an image has: the first one for all others, and the second for the first."""
    same: dict[str, list[Image]] = defaultdict(list)
    for image in images:
        if rules.is_seen(image):
            same[image.content_sha256].append(image)
    found: dict[str, str] = {}
    for first, *others in same.values():
        found.update({other.id: first.id for other in others})
        if others:
            found[first.id] = others[0].id
    return found


def _bad(field: str, message: str) -> BadRequest:
    return BadRequest(message, code="invalid_position", data={"field": field})
