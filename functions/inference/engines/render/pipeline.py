"""From a photo's bytes to a staged photo, in one process."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2
import numpy as np

from functions.inference.engines.base import StagedPhoto, StageOptions
from functions.inference.engines.render.compose import composite
from functions.inference.engines.render.furnish.floorplan import Placed, gap, thresholds
from functions.inference.engines.render.furnish.homeplan import HomePlan
from functions.inference.engines.render.furnish.layout import Arrangement, arrange
from functions.inference.engines.render.read import camera, floor, gate, light, obstacles, room, room_type, walls
from functions.inference.engines.render.read.camera import Floats
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.room_type import RoomGuess
from functions.inference.engines.render.read.walls import WallSurvey
from functions.inference.engines.render.render import nearness, renderer
from functions.inference.qc.judge import judge_pixels
from functions.inference.vision import segments
from functions.inference.vision.colour import Bytes, bytes_to_linear
from functions.inference.vision.images import Photo, UnreadablePhotoError, decode, encode_png
from vitrine.contracts import inference as contract

ANALYSIS_SIZE = 1024

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Reading:
    """What one look at a photo tells: `small` is the photo at analysis size, and the room is measured in its pixels."""

    small: Bytes
    room: Room
    surveys: tuple[WallSurvey, ...]
    light: light.Light


class _Clock:
    """Seconds per step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = now - self._last
        self._last = now


def _analysis_size(pixels: Bytes) -> Bytes:
    scale = ANALYSIS_SIZE / max(pixels.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def read_room(photo: Photo, ceiling_height_m: float | None = None) -> Reading | contract.Refusal:
    """Camera, room box, walls and light of a photo, or why they cannot be read."""
    small = _analysis_size(photo.pixels)
    seen = gate.features(small)
    if refusal := gate.check_photo(seen):
        return refusal
    lines = segments.detect(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8))
    fit = camera.fit(lines, small.shape[1], small.shape[0], photo.focal)
    if refusal := gate.check_camera(fit):
        return refusal
    assert fit is not None
    mask = floor.find(small, fit.camera)
    if refusal := gate.check_floor(mask):
        return refusal
    assert mask is not None
    box = room.fit_room(fit, mask, ceiling_height_m)
    refusal = gate.check_room(box) or gate.check_scene(seen, box, gate.furnished_share(small, box))
    if refusal:
        return refusal
    box = replace(box, obstacles=obstacles.find(fit, box))
    surveys = walls.survey_all(small, fit, box)
    return Reading(small, box, surveys, light.read(bytes_to_linear(small), box, surveys))


def guess_room_type(reading: Reading) -> RoomGuess:
    busy = gate.furnished_share(reading.small, reading.room)
    return room_type.guess(room_type.signs_of(reading.room, reading.surveys, busy))


def _guess_told(guess: RoomGuess) -> contract.StagingWarning:
    name = guess.room_type.value.replace("_", " ")
    message = f"Staged as a {name}, judging by {guess.because} (about {guess.confidence:.0%} sure)."
    return contract.StagingWarning(code="room_type_guessed", message=message)


def _lack_told(arrangement: Arrangement) -> contract.StagingWarning:
    placed = arrangement.pieces[0].name.replace("_", " ")
    message = (
        f"The floor in view has no room for {arrangement.lacks}, only for smaller pieces such as the {placed}."
        " A photo from further back or from the opposite corner shows more floor."
    )
    return contract.StagingWarning(code="partly_furnished", message=message)


def _at_size(box: Room, pixels: Bytes) -> Room:
    """The same room, measured in the full photo's pixels."""
    height, width = pixels.shape[:2]
    factor = width / box.camera.width
    return replace(
        box,
        camera=box.camera.resized(width, height),
        floor=replace(box.floor, scale=box.floor.scale / factor),
    )


def _point(xy: Floats) -> contract.Point:
    return contract.Point(x=round(float(xy[0]), 3), y=round(float(xy[1]), 3))


def clearances(reading: Reading, piece: Placed, others: Sequence[Placed]) -> dict[str, float]:
    """Metres from a standing piece to what is nearest: another piece, a wall, an opening."""
    if not piece.stands:
        return {}
    box, (x, y) = reading.room, piece.footprint.T
    found = {"wall": min(float(x.min()) - box.left, box.right - float(x.max()), box.back - float(y.max()))}
    near = [gap(piece.footprint, other.footprint) for other in others if other.stands and other is not piece]
    doors = [gap(piece.footprint, zone) for zone in thresholds(reading.surveys)]
    found |= {"piece": min(near)} if near else {}
    found |= {"opening": min(doors)} if doors else {}
    return {what: round(max(0.0, metres), 3) for what, metres in found.items()}


def describe(reading: Reading, arrangement: Arrangement) -> contract.Layout:
    """The layout as data."""
    pieces = [
        contract.Piece(
            name=piece.name,
            variant=piece.variant,
            centre=_point(piece.centre),
            footprint=[_point(corner) for corner in piece.footprint],
            height_m=round(piece.height, 3),
            turn_deg=round(float(np.degrees(piece.turn)), 1),
            clearances=clearances(reading, piece, arrangement.pieces),
        )
        for piece in arrangement.pieces
    ]
    return contract.Layout(room=_describe_room(reading.room), pieces=pieces)


def _corners(box: Room) -> list[tuple[float, float]]:
    return [(box.left, 0.0), (box.right, 0.0), (box.right, box.back), (box.left, box.back)]


def _describe_room(box: Room) -> contract.Room:
    back, left, right = box.wall_seen
    return contract.Room(
        width_m=round(box.right - box.left, 3) if min(left, right) > 0.1 else None,
        depth_m=round(box.back, 3) if back > 0.1 else None,
        height_m=round(box.height, 3) if box.ceiling_seen else None,
        camera_height_m=round(box.camera_height, 3),
        pitch_deg=round(float(np.degrees(box.camera.pitch)), 2),
        roll_deg=round(float(np.degrees(box.camera.roll)), 2),
        horizontal_fov_deg=round(box.camera.horizontal_fov_deg, 2),
        floor=[_point(np.array(corner)) for corner in _corners(box)],
        confidence={
            "camera": float(np.clip(box.score, 0, 1)),
            "floor": float(np.clip(box.overlap, 0, 1)),
            "focal": float(np.clip(box.focal_drop / 0.05, 0, 1)),
            "ceiling": float(np.clip(box.ceiling_support / 0.6, 0, 1)) if box.ceiling_seen else 0.0,
            "back_wall": float(np.clip(back, 0, 1)),
        },
    )


def _scores(photo: Bytes, picture: Bytes, mask: Bytes, reading: Reading, arrangement: Arrangement) -> contract.Scores:
    judged = judge_pixels(photo, picture, mask, describe(reading, arrangement))
    layout = float(np.clip((arrangement.score - 4.0) / 5.0, 0, 1))
    reading_score = float(np.clip(0.5 * reading.room.overlap + 0.5 * reading.room.score, 0, 1))
    quality = 0.6 * judged.quality + 0.2 * layout + 0.2 * reading_score
    parts = {**judged.parts, "layout": layout, "reading": reading_score}
    return contract.Scores(integrity=judged.integrity, quality=float(np.clip(quality, 0, 1)), parts=parts)


def stage(data: bytes, options: StageOptions, progress: Progress, slow: bool = False) -> StagedPhoto | contract.Refusal:
    """Stage one photo. `slow`: the renderer has no LLVM, so that less is rendered."""
    with ThreadPoolExecutor(1) as beside:
        return _stage(data, options, progress, slow, beside)


def _stage(
    data: bytes, options: StageOptions, progress: Progress, slow: bool, beside: ThreadPoolExecutor
) -> StagedPhoto | contract.Refusal:
    clock = _Clock()
    progress("read the photo", 0.0)
    try:
        photo = decode(data)
    except UnreadablePhotoError as error:
        return contract.Refusal(code=contract.RefusalCode.UNREADABLE_FILE, message=str(error))
    clock.lap("decode")
    home = HomePlan.of(options.style, options.seed if options.plan_seed is None else options.plan_seed)
    reading = read_room(photo, options.ceiling_height_m)
    if isinstance(reading, contract.Refusal):
        return reading
    clock.lap("read_room")
    progress("arrange furniture", 0.12)
    guess = None if options.room_type else guess_room_type(reading)
    kind = guess.room_type if guess else options.room_type
    assert kind is not None
    arrangement = arrange(reading.room, reading.surveys, kind, home, options.seed)
    if arrangement is None:
        return gate.NO_SPACE
    clock.lap("arrange")
    effort = renderer.SLOW_EFFORT if slow else renderer.EFFORTS[options.quality]
    around = nearness.measure(reading.room, arrangement.pieces, reading.surveys)
    box = _at_size(reading.room, photo.pixels)
    rendering = renderer.render(
        box, arrangement, reading.light, home.style, around, home.seed, effort,
        lambda step, share: progress(step, 0.15 + 0.7 * share),
    )  # fmt: skip
    clock.lap("render")
    edit = composite.edit(photo.pixels, box, reading.light, rendering, arrangement.pieces)
    picture, mask = composite.apply(photo.pixels, edit)
    clock.lap("composite")
    progress("judge", 0.9)
    coded = beside.submit(lambda: (encode_png(picture, photo.icc_profile), encode_png(mask)))
    scores = _scores(photo.pixels, picture, mask, reading, arrangement)
    clock.lap("judge")
    progress("encode", 0.95)
    png, mask_png = coded.result()
    clock.lap("encode")
    busy = gate.furnished_share(reading.small, reading.room)
    notes = gate.warnings_of(reading.room, arrangement.score, busy, slow)
    if guess:
        notes = (*notes, _guess_told(guess))
    if arrangement.lacks:
        notes = (*notes, _lack_told(arrangement))
    progress("done", 1.0)
    return StagedPhoto(
        picture_png=png,
        mask_png=mask_png,
        layout=describe(reading, arrangement),
        room_type=kind,
        width=photo.pixels.shape[1],
        height=photo.pixels.shape[0],
        scores=scores,
        warnings=notes,
        timings={**clock.seconds, **{f"render_{k}": v for k, v in rendering.timings.items()}},
    )
