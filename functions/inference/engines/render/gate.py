"""Whether a photo can be staged at all, and what to warn about. Messages are for the photographer."""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.engines.render.camera import CameraFit
from functions.inference.engines.render.colour import Bytes
from functions.inference.engines.render.floor import FloorMask
from functions.inference.engines.render.room import Room
from vitrine.contracts.inference import Refusal, RefusalCode, StagingWarning

DARKEST_BRIGHT = 40  # grey level that the brightest twentieth must exceed
SOFTEST_EDGE = 14.0  # grey levels per pixel at 1024 px: the strongest edges of a sharp photo exceed it many times
SMOOTH_DEVIATION = 6.0
LEAST_SMOOTH = 0.45
MOST_TWO_COLOURS = 0.30
LEAST_LINES = 0.40
STEEPEST_PITCH_DEG, STEEPEST_ROLL_DEG = 28.0, 12.0
LEAST_FLOOR, MOST_FLOOR = 0.06, 0.62
LEAST_OVERLAP, LEAST_EDGE = 0.55, 0.7
BUSY, SOMEWHAT_BUSY = 0.45, 0.33


@dataclass(frozen=True)
class Features:
    """What the gate looks at. `smooth_upper`: share of the upper half that is plain, as walls and ceilings are;
    `two_colours`: share of the two commonest exact colours, high in drawings and screenshots."""

    bright: float
    edge: float
    smooth_upper: float
    two_colours: float


def features(rgb: Bytes) -> Features:
    """Of a photo of about 1024 px."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    value = grey.astype(np.float32)
    mean = cv2.blur(value, (9, 9))
    deviation = np.sqrt(np.maximum(cv2.blur(value * value, (9, 9)) - mean * mean, 0))
    code = rgb.reshape(-1, 3).astype(np.uint32) @ np.array([1, 256, 65536], np.uint32)
    counts = np.sort(np.unique(code, return_counts=True)[1])[::-1]
    slope = np.abs(cv2.Laplacian(value, cv2.CV_32F))
    return Features(
        bright=float(np.percentile(grey, 95)),
        edge=float(np.percentile(slope, 99.5)),
        smooth_upper=float((deviation[: len(deviation) // 2] < SMOOTH_DEVIATION).mean()),
        two_colours=float(counts[:2].sum() / len(code)),
    )


def _refuse(code: RefusalCode, message: str) -> Refusal:
    return Refusal(code=code, message=message)


def check_photo(seen: Features) -> Refusal | None:
    """Refuse what no reading of lines could mend."""
    if seen.bright < DARKEST_BRIGHT:
        return _refuse(
            RefusalCode.TOO_DARK, "The photo is too dark to see the room. Switch the lights on or expose longer."
        )
    if seen.two_colours > MOST_TWO_COLOURS:
        return _refuse(
            RefusalCode.NOT_AN_INTERIOR, "This looks like a drawing or a screenshot. Please send a photo of a room."
        )
    if seen.smooth_upper < LEAST_SMOOTH:
        return _refuse(
            RefusalCode.NOT_AN_INTERIOR,
            "No plain walls or ceiling to be seen, so this does not look like an empty room. Please photograph the "
            "room from a corner or a doorway, walls and floor in view.",
        )
    if seen.edge < SOFTEST_EDGE:
        return _refuse(RefusalCode.TOO_BLURRED, "The photo is blurred. Hold the camera still or use a tripod.")
    return None


def check_camera(fit: CameraFit | None) -> Refusal | None:
    if fit is None:
        return _refuse(
            RefusalCode.CAMERA_UNREADABLE,
            "Too few straight edges to tell how the camera looked. Include where walls, floor and ceiling meet.",
        )
    if abs(np.degrees(fit.camera.pitch)) > STEEPEST_PITCH_DEG or abs(np.degrees(fit.camera.roll)) > STEEPEST_ROLL_DEG:
        return _refuse(RefusalCode.TOO_TILTED, "The camera was tilted too far. Hold it level, at about chest height.")
    if fit.score < LEAST_LINES:
        return _refuse(
            RefusalCode.NOT_AN_INTERIOR,
            "The lines in the photo do not fit a room with straight walls. Please photograph the room from a corner or "
            "a doorway, walls and floor in view.",
        )
    return None


def check_floor(floor: FloorMask | None) -> Refusal | None:
    if floor is None or floor.share < LEAST_FLOOR:
        return _refuse(
            RefusalCode.NO_FLOOR_VISIBLE, "Not enough floor to be seen. Step back or lower the camera a little."
        )
    if floor.share > MOST_FLOOR:
        return _refuse(
            RefusalCode.NOT_AN_INTERIOR,
            "No walls could be told from the floor. Please photograph the room with its walls.",
        )
    return None


def check_room(room: Room) -> Refusal | None:
    if room.overlap < LEAST_OVERLAP and room.edge_cover < LEAST_EDGE:
        return _refuse(
            RefusalCode.CAMERA_UNREADABLE,
            "The room's outline could not be read. Photograph it from a corner, the walls' lower edges in view.",
        )
    return None


NO_SPACE = Refusal(
    code=RefusalCode.NO_SPACE,
    message="No free place for furniture was found on the visible floor. Step back so that more of the floor shows, or "
    "choose another room type.",
)


def _doubts(room: Room, place_score: float) -> list[str]:
    roll = abs(np.degrees(room.camera.roll))
    found = [
        (room.score < 0.6, "few lines agree on the camera"),
        (room.overlap < 0.85 or room.edge_cover < 0.4, "the floor's outline does not fit a rectangle"),
        (max(room.wall_seen) < 0.6, "no wall's lower edge is fully in view"),
        (roll > 3, "the camera was not held level"),
        (not room.ceiling_seen and abs(np.degrees(room.camera.yaw)) > 30, "the ceiling is not in view"),
        (place_score < 6.5, "there is little free space"),
    ]
    return [reason for doubtful, reason in found if doubtful]


def furnished_share(rgb: Bytes, room: Room) -> float:
    """Share of what is not floor, from the upper third down, that is not plain either: high where furniture stands."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean = cv2.blur(grey, (9, 9))
    rough = np.sqrt(np.maximum(cv2.blur(grey * grey, (9, 9)) - mean * mean, 0)) > 9
    rows = rough[int(0.35 * len(rough)) : int(0.9 * len(rough))]
    floor = room.floor.resized(rgb.shape[1], rgb.shape[0])[int(0.35 * len(rough)) : int(0.9 * len(rough))]
    return float(rows[~floor].mean()) if (~floor).any() else 0.0


def warnings_of(room: Room, place_score: float, busy: float, slow: bool) -> tuple[StagingWarning, ...]:
    """What the reader of the picture should know."""
    out = []
    doubts = _doubts(room, place_score)
    if doubts:
        out.append(StagingWarning(code="low_confidence", message="Check the perspective: " + ", ".join(doubts) + "."))
    if room.focal_drop < 0.01:
        out.append(
            StagingWarning(
                code="focal_unobservable", message="The lens could not be told from the photo; depths are estimates."
            )
        )
    if busy > BUSY or (busy > SOMEWHAT_BUSY and room.score < 0.65):
        out.append(
            StagingWarning(
                code="already_furnished",
                message="The room does not look empty; furniture was added only where the floor is free.",
            )
        )
    if slow:
        out.append(
            StagingWarning(
                code="slow_renderer", message="No suitable LLVM was found: rendered slowly, with less detail."
            )
        )
    return tuple(out)
