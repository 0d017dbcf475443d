"""What callers get to know about a staging besides its pixels: the layout as data, scores and warnings."""

from collections.abc import Sequence

import numpy as np

from functions.inference.engines.render.furnish.ground import thresholds
from functions.inference.engines.render.furnish.layout import Arrangement
from functions.inference.engines.render.furnish.placed import Placed
from functions.inference.engines.render.furnish.polygons import gap
from functions.inference.engines.render.read.reading import Reading
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.room_type import RoomGuess
from functions.inference.vision.arrays import Floats
from vitrine.contracts import inference as contract

WORST_PLACE, BEST_PLACE = 4.0, 9.0
"""Scores of an arrangement's place (see `furnish.layout`) that count as 0 and as 1."""


def layout_of(reading: Reading, arrangement: Arrangement) -> contract.Layout:
    """The layout as data: floor coordinates in metres, origin under the camera."""
    pieces = [_piece(reading, piece, arrangement.pieces) for piece in arrangement.pieces]
    return contract.Layout(room=_room(reading.room), pieces=pieces)


def scores_of(judged: contract.Scores, reading: Reading, arrangement: Arrangement) -> contract.Scores:
    """The judge's scores, with the confidence of the layout and of the reading counted into `quality`."""
    place = float(np.clip((arrangement.score - WORST_PLACE) / (BEST_PLACE - WORST_PLACE), 0, 1))
    read = float(np.clip(0.5 * reading.room.overlap + 0.5 * reading.room.score, 0, 1))
    quality = 0.6 * judged.quality + 0.2 * place + 0.2 * read
    parts = {**judged.parts, "layout": place, "reading": read}
    return contract.Scores(integrity=judged.integrity, quality=float(np.clip(quality, 0, 1)), parts=parts)


def guess_warning(guess: RoomGuess) -> contract.StagingWarning:
    name = guess.room_type.value.replace("_", " ")
    message = f"Staged as a {name}, judging by {guess.because} (about {guess.confidence:.0%} sure)."
    return contract.StagingWarning(code="room_type_guessed", message=message)


def lack_warning(arrangement: Arrangement) -> contract.StagingWarning:
    placed = arrangement.pieces[0].name.replace("_", " ")
    message = (
        f"The floor in view has no room for {arrangement.lacks}, only for smaller pieces such as the {placed}."
        " A photo from further back or from the opposite corner shows more floor."
    )
    return contract.StagingWarning(code="partly_furnished", message=message)


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


def _piece(reading: Reading, piece: Placed, others: Sequence[Placed]) -> contract.Piece:
    return contract.Piece(
        name=piece.name,
        variant=piece.variant,
        centre=_point(piece.centre),
        footprint=[_point(corner) for corner in piece.footprint],
        height_m=round(piece.height, 3),
        turn_deg=round(float(np.degrees(piece.turn)), 1),
        clearances=clearances(reading, piece, others),
    )


def _point(xy: Floats) -> contract.Point:
    return contract.Point(x=round(float(xy[0]), 3), y=round(float(xy[1]), 3))


def _room(box: Room) -> contract.Room:
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
        confidence=_confidence(box),
    )


def _corners(box: Room) -> list[tuple[float, float]]:
    return [(box.left, 0.0), (box.right, 0.0), (box.right, box.back), (box.left, box.back)]


def _confidence(box: Room) -> dict[str, float]:
    return {
        "camera": float(np.clip(box.score, 0, 1)),
        "floor": float(np.clip(box.overlap, 0, 1)),
        "focal": float(np.clip(box.focal_drop / 0.05, 0, 1)),
        "ceiling": float(np.clip(box.ceiling_support / 0.6, 0, 1)) if box.ceiling_seen else 0.0,
        "back_wall": float(np.clip(box.wall_seen[0], 0, 1)),
    }
