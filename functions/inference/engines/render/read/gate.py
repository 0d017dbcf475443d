"""The gate: the check of a photo before it is staged, and the warnings that come with a staged one.

A photo that no staging could use is refused here. Messages are for the photographer.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.engines.render.read.camera import CameraFit
from functions.inference.engines.render.read.floor import FloorMask
from functions.inference.engines.render.read.room import Room
from functions.inference.vision.arrays import Bytes
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
BUSY_OUTDOORS, MOST_SKY, MOST_GREEN = 0.4, 0.3, 0.1
BUSY_EDGELESS, EDGELESS, EDGELESS_LINES = 0.5, 0.1, 0.65
FURNISHED = ((0.45, 0.85), (0.27, 0.5), (0.2, 0.35))
"""Busy share above which, and share of the floor's edge on lines below which, a room does not look empty."""
SURE_OBSTACLE = 0.5
FRONTAL_DEG, VAGUE_FOCAL, VERY_VAGUE_FOCAL = 3.5, 0.015, 0.01


@dataclass(frozen=True)
class Features:
    """What the gate looks at. `smooth_upper`: share of the upper half that is plain, as walls and ceilings are;
    `two_colours`: share of the two commonest exact colours, high in drawings and screenshots; `sky`: share of the
    upper quarter that is blue; `green`: share of the lower half."""

    bright: float
    edge: float
    smooth_upper: float
    two_colours: float
    sky: float = 0.0
    green: float = 0.0


def _outdoor_colours(rgb: Bytes) -> tuple[float, float]:
    """Shares of sky in the upper quarter and of green in the lower half."""
    scale = 256 / max(rgb.shape[:2])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    hue, saturation, value = cv2.split(cv2.cvtColor(small, cv2.COLOR_RGB2HSV))
    blue = (hue > 90) & (hue < 130) & (saturation > 40) & (value > 110)
    green = (hue > 30) & (hue < 85) & (saturation > 60) & (value > 40)
    return float(blue[: len(blue) // 4].mean()), float(green[len(green) // 2 :].mean())


def features(rgb: Bytes) -> Features:
    """Of a photo of about 1024 px."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    value = grey.astype(np.float32)
    mean = cv2.blur(value, (9, 9))
    deviation = np.sqrt(np.maximum(cv2.blur(value * value, (9, 9)) - mean * mean, 0))
    code = rgb.reshape(-1, 3).astype(np.uint32) @ np.array([1, 256, 65536], np.uint32)
    counts = np.sort(np.unique(code, return_counts=True)[1])[::-1]
    slope = np.abs(cv2.Laplacian(value, cv2.CV_32F))
    sky, green = _outdoor_colours(rgb)
    return Features(
        bright=float(np.percentile(grey, 95)),
        edge=float(np.percentile(slope, 99.5)),
        smooth_upper=float((deviation[: len(deviation) // 2] < SMOOTH_DEVIATION).mean()),
        two_colours=float(counts[:2].sum() / len(code)),
        sky=sky,
        green=green,
    )


TOO_DARK = Refusal(
    code=RefusalCode.TOO_DARK,
    message="The photo is too dark to see the room. Switch the lights on or expose longer.",
)
DRAWING = Refusal(
    code=RefusalCode.NOT_AN_INTERIOR,
    message="This looks like a drawing or a screenshot. Please send a photo of a room.",
)
NOTHING_PLAIN = Refusal(
    code=RefusalCode.NOT_AN_INTERIOR,
    message="No plain walls or ceiling to be seen, so this does not look like an empty room. Please photograph the "
    "room from a corner or a doorway, walls and floor in view.",
)
TOO_BLURRED = Refusal(
    code=RefusalCode.TOO_BLURRED,
    message="Nothing in the photo is sharp: it is blurred, or shows a bare wall. Hold the camera still or use a tripod "
    "and step back until the floor and two walls are in view.",
)
TOO_FEW_LINES = Refusal(
    code=RefusalCode.CAMERA_UNREADABLE,
    message="Too few straight edges to tell how the camera looked. Include where walls, floor and ceiling meet.",
)
TOO_TILTED = Refusal(
    code=RefusalCode.TOO_TILTED,
    message="The camera was tilted too far. Hold it level, at about chest height.",
)
LINES_OF_NO_ROOM = Refusal(
    code=RefusalCode.NOT_AN_INTERIOR,
    message="The lines in the photo do not fit a room with straight walls. Please photograph the room from a corner or "
    "a doorway, walls and floor in view.",
)
NO_FLOOR = Refusal(
    code=RefusalCode.NO_FLOOR_VISIBLE,
    message="Not enough floor to be seen. Step back or lower the camera a little.",
)
NO_WALLS = Refusal(
    code=RefusalCode.NOT_AN_INTERIOR,
    message="No walls could be told from the floor. Please photograph the room with its walls.",
)
NO_OUTLINE = Refusal(
    code=RefusalCode.CAMERA_UNREADABLE,
    message="The room's outline could not be read. Photograph it from a corner, the walls' lower edges in view.",
)
NO_INTERIOR = Refusal(
    code=RefusalCode.NOT_AN_INTERIOR,
    message="This does not look like the inside of a room. Please photograph the room from a corner or a doorway, "
    "walls and floor in view.",
)
NO_SPACE = Refusal(
    code=RefusalCode.NO_SPACE,
    message="No free place for furniture was found on the visible floor. Step back so that more of the floor shows, or "
    "choose another room type.",
)


def check_photo(seen: Features) -> Refusal | None:
    """Refuse by brightness, colours and sharpness, before any line is read."""
    checks = (
        (seen.bright < DARKEST_BRIGHT, TOO_DARK),
        (seen.two_colours > MOST_TWO_COLOURS, DRAWING),
        (seen.smooth_upper < LEAST_SMOOTH, NOTHING_PLAIN),
        (seen.edge < SOFTEST_EDGE, TOO_BLURRED),
    )
    return next((refusal for fails, refusal in checks if fails), None)


def check_camera(fit: CameraFit | None) -> Refusal | None:
    if fit is None:
        return TOO_FEW_LINES
    if abs(np.degrees(fit.camera.pitch)) > STEEPEST_PITCH_DEG or abs(np.degrees(fit.camera.roll)) > STEEPEST_ROLL_DEG:
        return TOO_TILTED
    return LINES_OF_NO_ROOM if fit.score < LEAST_LINES else None


def check_floor(floor: FloorMask | None) -> Refusal | None:
    if floor is None or floor.share < LEAST_FLOOR:
        return NO_FLOOR
    return NO_WALLS if floor.share > MOST_FLOOR else None


def check_room(room: Room) -> Refusal | None:
    return NO_OUTLINE if room.overlap < LEAST_OVERLAP and room.edge_cover < LEAST_EDGE else None


def check_scene(seen: Features, room: Room, busy: float) -> Refusal | None:
    """Refuse what has lines like a room but is none: facades under a sky, lawns, walls of texture.

    `busy` is `furnished_share`. A blue room is plain and a furnished one has no sky: both signs are needed.
    """
    outdoors = busy > BUSY_OUTDOORS and (seen.sky > MOST_SKY or seen.green > MOST_GREEN)
    edgeless = busy > BUSY_EDGELESS and room.edge_cover < EDGELESS and room.score < EDGELESS_LINES
    return NO_INTERIOR if outdoors or edgeless else None


def _doubts(room: Room, place_score: float) -> list[str]:
    roll = abs(np.degrees(room.camera.roll))
    turned = abs(np.degrees(room.camera.yaw)) > FRONTAL_DEG  # straight on, no photo shows the focal length
    found = [
        (room.score < 0.6, "few lines agree on the camera"),
        (room.overlap < 0.85 or room.edge_cover < 0.4, "the floor's outline does not fit a rectangle"),
        (room.ambiguous, "another outline of the floor fits nearly as well"),
        (max(room.wall_seen) < 0.6, "no wall's lower edge is fully in view"),
        (roll > 3, "the camera was not held level"),
        (not room.ceiling_seen, "the ceiling is not in view"),
        (turned and room.focal_drop < VAGUE_FOCAL, "the lens could not be told from the photo"),
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


def looks_furnished(room: Room, busy: float) -> bool:
    return any(busy > most and room.edge_cover < least for most, least in FURNISHED)


def _furniture_seen(room: Room) -> str:
    """What stands there, so that the photographer can tell whether it was meant to."""
    standing = [o for o in room.obstacles if o.confidence >= SURE_OBSTACLE]
    if not standing:
        return (
            "The room does not look empty: the lower edges of its walls are hidden. Furniture was added only where the "
            "floor is free."
        )
    number = "one thing" if len(standing) == 1 else f"{len(standing)} things"
    nearest = min(float(np.linalg.norm(o.footprint.mean(0))) for o in standing)
    return (
        f"The room does not look empty: {number} on the floor, the nearest about {nearest:.1f} m away. Furniture was "
        "added only where the floor is free."
    )


def warnings_of(room: Room, place_score: float, busy: float, slow: bool) -> tuple[StagingWarning, ...]:
    """What the reader of the picture should know."""
    doubts = _doubts(room, place_score)
    vague = "The lens could not be told from the photo; depths are estimates."
    warnings = (
        (bool(doubts), "low_confidence", "Check the perspective: " + ", ".join(doubts) + "."),
        (room.focal_drop < VERY_VAGUE_FOCAL, "focal_unobservable", vague),
        (looks_furnished(room, busy), "already_furnished", _furniture_seen(room)),
        (slow, "slow_renderer", "No suitable LLVM was found: rendered slowly, with less detail."),
    )
    return tuple(StagingWarning(code=code, message=message) for applies, code, message in warnings if applies)
