"""A cheap thing on a turntable: textured boxes drawn with OpenCV, small and the same in every run."""

from functools import lru_cache

import cv2
import numpy as np

from vitrine.pictures.orient import Pixels
from vitrine.set_qc import features, measure, relate
from vitrine.set_qc.features import Features
from vitrine.set_qc.judge import judge_set
from vitrine.set_qc.measure import Measured
from vitrine.set_qc.models import Mode, SetFrame, SetMeasures, SetReport
from vitrine.set_qc.thresholds import DEFAULT, Thresholds

SIZE = (400, 300)
_FOCAL, _FAR, _HIGH = 430.0, 6.0, 1.5
_FACES = ((0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5))
_BOXES = (((-1.6, 1.6), (-0.7, 0.7), (0.25, 0.85)), ((-0.9, 0.7), (-0.6, 0.6), (0.85, 1.35)))
_WHEELS = (((-1.2, -0.7), (-0.75, 0.75), (0.0, 0.5)), ((0.7, 1.2), (-0.75, 0.75), (0.0, 0.5)))


def frame(angle_deg: float, seed: int = 1, tint: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Pixels:
    """The thing, seen after the camera went `angle_deg` clockwise; `seed` decides its texture, `tint` its paint."""
    picture = np.full((SIZE[1], SIZE[0], 3), 225, np.uint8)
    faces = [face for box, paint in _parts(seed, tint) for face in _faces(box, paint)]
    for corners, texture in sorted(faces, key=lambda face: -_depth(face[0], angle_deg)):
        _paste(picture, _projected(corners, angle_deg), texture)
    return picture


def turn(count: int = 24, seed: int = 1) -> list[Pixels]:
    return [frame(360 * at / count, seed) for at in range(count)]


def _parts(seed: int, tint: tuple[float, float, float]) -> list[tuple[tuple[tuple[float, float], ...], list[Pixels]]]:
    chance = np.random.default_rng(seed)
    body = [_texture(chance, tint) for _ in range(12)]
    body[0][:14, 30:80] = body[0][-14:, 30:80] = (170, 20, 25)
    black = [_texture(chance, (0.25, 0.25, 0.25)) for _ in range(12)]
    return [(_BOXES[0], body[:6]), (_BOXES[1], body[6:]), (_WHEELS[0], black[:6]), (_WHEELS[1], black[6:])]


def _texture(chance: np.random.Generator, tint: tuple[float, float, float]) -> Pixels:
    coarse = chance.integers(40, 200, (9, 16, 1)) * np.array(tint)
    fine = cv2.resize(np.clip(coarse, 0, 255).astype(np.uint8), (128, 64), interpolation=cv2.INTER_NEAREST)
    return np.asarray(fine, np.uint8)


def _faces(box: tuple[tuple[float, float], ...], paint: list[Pixels]) -> list[tuple[np.ndarray, Pixels]]:
    corners = np.array([(x, y, z) for x in box[0] for y in box[1] for z in box[2]])
    return [(corners[list(face)], texture) for face, texture in zip(_FACES, paint, strict=True)]


def _seen(corners: np.ndarray, angle_deg: float) -> np.ndarray:
    """Camera coordinates: x right, y down, z ahead. The front (+x) faces the camera at 0 degrees."""
    angle = np.radians(angle_deg)
    ahead, right = np.array([np.cos(angle), -np.sin(angle)]), np.array([-np.sin(angle), -np.cos(angle)])
    near, across = corners[:, :2] @ ahead, -(corners[:, :2] @ right)
    pitch = np.arctan2(_HIGH - 0.5, _FAR)
    far, low = _FAR - near, _HIGH - corners[:, 2]
    return np.stack(
        [across, low * np.cos(pitch) - far * np.sin(pitch), far * np.cos(pitch) + low * np.sin(pitch)], axis=1
    )


def _depth(corners: np.ndarray, angle_deg: float) -> float:
    return float(_seen(corners, angle_deg)[:, 2].mean())


def _projected(corners: np.ndarray, angle_deg: float) -> np.ndarray:
    seen = _seen(corners, angle_deg)
    flat = seen[:, :2] / seen[:, 2:] * _FOCAL + np.array([SIZE[0] / 2, SIZE[1] / 2 + 20])
    return np.asarray(flat, np.float32)


def _paste(picture: Pixels, corners: np.ndarray, texture: Pixels) -> None:
    height, width = texture.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turned = cv2.getPerspectiveTransform(flat, corners)
    cv2.warpPerspective(texture, turned, SIZE, picture, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT)


def measured(pictures: list[Pixels]) -> list[Measured]:
    return [measure.measure_pixels(picture, f"{at:064x}") for at, picture in enumerate(pictures)]


def names(count: int) -> list[SetFrame]:
    return [SetFrame(id=f"f{at}", index=None, name=f"img{at}.jpg") for at in range(count)]


@lru_cache(maxsize=200)
def unpacked(packed: bytes) -> Features:
    return features.unpack(packed)


def related(found: list[Measured], frames: list[SetFrame] | None = None, mode: Mode = Mode.STUDIO360) -> SetMeasures:
    """As `relate`, but a frame's features are unpacked once for all tests."""
    line = frames or names(len(found))
    return relate.related(line, [unpacked(one.features) for one in found], mode, {}, {})


def judged(
    found: list[Measured],
    frames: list[SetFrame] | None = None,
    expected: int | None = None,
    thresholds: Thresholds = DEFAULT[Mode.STUDIO360],
) -> SetReport:
    line = frames or names(len(found))
    measures = {one.id: seen.measures for one, seen in zip(line, found, strict=True)}
    return judge_set(line, expected, measures, related(found, line), thresholds)
