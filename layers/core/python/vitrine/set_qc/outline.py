"""A frame's silhouette, and what it says: where the vehicle stands, how large it is, whether it is cut off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vitrine.pictures.orient import Pixels
from vitrine.set_qc.features import Features
from vitrine.set_qc.models import Outline

Mask = NDArray[np.bool_]
Array = NDArray[np.float64]

_HARMONICS = 4
_SHAPE, _SHAPE_AREA = (128, 80), 2600
_APART = 9.0
"""CIE Lab distance from the stage from which on something stands there."""
_WEIGHTS = np.array([0.6, 1, 1], np.float32)
"""Shadows on the floor are darker than the stage, and of its colour."""
_UNEVEN = 7.0
_LEAST_AREA, _MOST_AREA = 0.02, 0.85


@dataclass(frozen=True)
class Silhouette:
    """In shares of the frame's longer side: `centre` and `width` across, `lower` and `height` along; `touches` names
    the borders that it reaches. `middle` is its pixels' mean along and `log_size` the logarithm of
    their deviation along, which end in no
    single pixel as the height does. `lean` is the covariance of their places across and along, `stretch` how much more
    they spread across than along: turned by a small angle, the lean changes by that angle times the stretch."""

    source: Outline
    mask: Mask
    centre: float
    lower: float
    width: float
    height: float
    middle: float
    log_size: float
    lean: float
    stretch: float
    touches: tuple[str, ...]


def from_mask(png: bytes, small: Pixels) -> Silhouette | None:
    """From the endpoint's mask. None where nothing is on it, or it is no picture."""
    grey = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        return None
    height, width = small.shape[:2]
    return _described(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA) > 127, Outline.MASK)


def from_rim(small: Pixels) -> Silhouette | None:
    """What differs from a plain stage, which is read off the frame's left and right border. None where the borders are
    not plain: then nothing tells the vehicle from its surroundings."""
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (3, 3), 0).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    band = max(3, lab.shape[1] // 50)
    left, right = np.median(lab[:, :band], axis=1), np.median(lab[:, -band:], axis=1)
    rough = np.concatenate([np.abs(lab[:, :band] - left[:, None]), np.abs(lab[:, -band:] - right[:, None])], axis=1)
    if float(np.percentile(rough.max(axis=2), 95)) > _UNEVEN:
        return None
    across = np.linspace(0, 1, lab.shape[1], dtype=np.float32)[None, :, None]
    stage = left[:, None] * (1 - across) + right[:, None] * across
    far = np.sqrt((((lab - stage) * _WEIGHTS) ** 2).sum(axis=2)) > _APART
    return _described(_largest(far), Outline.RIM)


def within(features: Features, silhouette: Silhouette | None) -> Features:
    """Only the points on the vehicle, where a mask says which they are: surroundings turn as well when one walks."""
    if silhouette is None or silhouette.source is not Outline.MASK:
        return features
    grown = cv2.dilate(silhouette.mask.astype(np.uint8), np.ones((7, 7), np.uint8))
    longer = max(grown.shape)
    columns = (features.points[:, 0] * longer + grown.shape[1] / 2).astype(int).clip(0, grown.shape[1] - 1)
    rows = (features.points[:, 1] * longer + grown.shape[0] / 2).astype(int).clip(0, grown.shape[0] - 1)
    on = grown[rows, columns] > 0
    return replace(
        features, points=features.points[on], descriptors=features.descriptors[on], colours=features.colours[on]
    )


def _largest(far: Mask) -> Mask:
    """The largest piece, gaps of a few pixels closed."""
    closed = cv2.morphologyEx(far.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    if count < 2:
        return np.zeros_like(far)
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()), np.bool_)


def _described(mask: Mask, source: Outline) -> Silhouette | None:
    if not _LEAST_AREA < float(mask.mean()) < _MOST_AREA:
        return None
    longer = max(mask.shape)
    columns, rows = _extent(mask.sum(axis=0)), _extent(mask.sum(axis=1))
    found = cv2.moments(mask.astype(np.uint8), binaryImage=True)
    return Silhouette(
        source,
        mask,
        centre=(columns[0] + columns[1]) / 2 / longer,
        lower=rows[1] / longer,
        width=(columns[1] - columns[0]) / longer,
        height=(rows[1] - rows[0]) / longer,
        middle=found["m01"] / found["m00"] / longer,
        log_size=float(np.log(found["mu02"] / found["m00"] / longer**2)) / 2,
        lean=found["mu11"] / found["m00"] / longer**2,
        stretch=(found["mu20"] - found["mu02"]) / found["m00"] / longer**2,
        touches=_touches(mask),
    )


def _extent(counts: NDArray[np.int64]) -> tuple[float, float]:
    """First and last place, to a part of a pixel: where the count passes a few pixels."""
    least = max(2.0, 0.02 * float(counts.max()))
    places = np.flatnonzero(counts >= least)
    return (float(places[0]), float(places[-1] + 1)) if len(places) else (0.0, float(len(counts)))


def _touches(mask: Mask) -> tuple[str, ...]:
    """A border counts as reached where the silhouette lies along 2 % of it, not at a single pixel."""
    sides = {"left": mask[:, :2], "top": mask[:2].T, "right": mask[:, -2:], "bottom": mask[-2:].T}
    return tuple(name for name, side in sides.items() if float(side.all(axis=1).mean()) > 0.02)


def centred(mask: Mask) -> Mask:
    """Moved to the middle of a small picture and scaled to one area: the vehicle's shape without place and size."""
    found = cv2.moments(mask.astype(np.uint8), binaryImage=True)
    scale = (_SHAPE_AREA / found["m00"]) ** 0.5
    x, y = found["m10"] / found["m00"], found["m01"] / found["m00"]
    width, height = _SHAPE
    move = np.array([[scale, 0, width / 2 - scale * x], [0, scale, height / 2 - scale * y]])
    return np.asarray(cv2.warpAffine(mask.astype(np.uint8) * 255, move, _SHAPE, flags=cv2.INTER_LINEAR) > 127)


def common(one: Mask, other: Mask) -> float:
    """Intersection over union."""
    return float((one & other).sum() / max(1, int((one | other).sum())))


def departures(values: Sequence[float | None], places: Sequence[int], around: int) -> list[float | None]:
    """How far each value lies from the smooth course of a turn: a harmonic series in the place, which one frame that
    stands apart does not bend. None where the value is, or where there are too few."""
    known = np.array([value is not None for value in values])
    terms = min(_HARMONICS, (int(known.sum()) - 4) // 4)
    if terms < 1:
        return [None] * len(values)
    angles = 2 * np.pi * np.array(places) / around
    waves = [wave(order * angles) for order in range(1, terms + 1) for wave in (np.cos, np.sin)]
    design = np.stack([np.ones(len(values)), *waves], axis=1)
    course = np.array([value if value is not None else 0.0 for value in values], np.float64)
    fitted = design @ _steady(design[known], course[known])
    return [None if value is None else float(value - on) for value, on in zip(values, fitted, strict=True)]


def _steady(design: Array, goal: Array) -> Array:
    weights: Array = np.ones(len(goal))
    fit: Array = np.zeros(design.shape[1])
    for _ in range(12):
        weighted = (design * weights[:, None]).T
        fit = np.asarray(np.linalg.lstsq(weighted @ design, weighted @ goal, rcond=None)[0], np.float64)
        left = goal - design @ fit
        spread = max(1.4826 * float(np.median(np.abs(left))), 5e-4)
        weights = 1 / (1 + (left / (2 * spread)) ** 2) ** 2
    return fit
