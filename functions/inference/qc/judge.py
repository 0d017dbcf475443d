"""Judging a staged picture against its photo, whichever engine made it.

`integrity` says whether the room survived: nothing outside the mask may differ, and what lies outside the edit must
keep its edges and colours. `quality` says whether the edit looks like part of the photo.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.colour import Array, Bytes
from functions.inference.engines.render.images import decode
from vitrine.contracts.inference import Scores

JUDGED_SIZE = 1024
DIFFERENT = 2  # grey levels: less is rounding
EDGE_REACH = 3  # pixels at JUDGED_SIZE within which an edge counts as the same
SHIFT_TOLERATED, SHIFT_FATAL = 2.0, 14.0  # Lab units
EDGES_EXPECTED, EDGES_FATAL = 0.93, 0.55
FEWEST_EDGES = 60
USUAL_EDIT = (0.06, 0.62)  # share of the frame


@dataclass(frozen=True)
class _Pair:
    """Photo, picture and edit at JUDGED_SIZE; `edited` is the mask, or what visibly differs when none was given."""

    photo: Bytes
    picture: Bytes
    edited: NDArray[np.bool_]


def _small(pixels: Bytes) -> Bytes:
    scale = min(1.0, JUDGED_SIZE / max(pixels.shape[:2]))
    if scale == 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _grey(pixels: Bytes) -> Bytes:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _differing(photo: Bytes, picture: Bytes) -> NDArray[np.bool_]:
    return np.asarray(cv2.absdiff(photo, picture).max(2) > DIFFERENT)


def _visible_edit(photo: Bytes, picture: Bytes) -> NDArray[np.bool_]:
    """Large coherent changes: furniture that a model painted."""
    change = cv2.GaussianBlur(cv2.absdiff(photo, picture).max(2).astype(np.float32), (0, 0), 4) > 18
    return cv2.morphologyEx(change.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)) > 0


def _edges(grey: Bytes) -> NDArray[np.bool_]:
    return np.asarray(cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.2), 16, 44) > 0)


def _grown(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0)


def _edge_survival(pair: _Pair, where: NDArray[np.bool_]) -> float:
    """Share of the photo's edges in a region that the picture still has at the same place."""
    before = _edges(_grey(pair.photo)) & where
    kept = before & _grown(_edges(_grey(pair.picture)), EDGE_REACH // 2)
    return float(kept.sum() / before.sum()) if before.sum() > FEWEST_EDGES else 1.0


def _colour_shift(pair: _Pair, where: NDArray[np.bool_]) -> float:
    """Median Lab distance in a region."""
    if where.sum() < 200:
        return 0.0
    photo, picture = (cv2.cvtColor(p, cv2.COLOR_RGB2LAB)[where].astype(np.float32) for p in (pair.photo, pair.picture))
    return float(np.median(np.linalg.norm(photo - picture, axis=1)))


def _upper(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    rows = np.arange(shape[0])[:, None] < 0.45 * shape[0]
    return np.broadcast_to(rows, shape[:2]).copy()


def _ramp(value: float, fatal: float, fine: float) -> float:
    return float(np.clip((value - fatal) / (fine - fatal), 0, 1))


def _high_pass(pixels: Bytes, where: NDArray[np.bool_]) -> float:
    grey = _grey(pixels).astype(np.float32)
    detail = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.2))
    return float(np.median(detail[where]))


def _quality_parts(pair: _Pair) -> dict[str, float]:
    inside = pair.edited
    share = float(inside.mean())
    if inside.sum() < 400:
        return {"edit_share": share, "exposure_match": 0.0, "noise_match": 0.0, "clipping": 0.0}
    light: Array = cv2.cvtColor(pair.picture, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32)
    around = ~inside if (~inside).sum() > 400 else inside
    difference = abs(float(light[inside].mean()) - float(light[around].mean()))
    clipped = float(((pair.picture.max(2) >= 254) & (pair.photo.max(2) < 250) & inside).sum() / inside.sum())
    ratio = (_high_pass(pair.picture, inside) + 0.3) / (_high_pass(pair.photo, inside) + 0.3)
    return {
        "edit_share": share,
        "exposure_match": _ramp(-difference, -90, -25),
        "noise_match": _ramp(-abs(float(np.log(ratio))), -1.8, -0.7),
        "clipping": _ramp(-clipped, -0.08, -0.005),
    }


def _quality(parts: dict[str, float]) -> float:
    low, high = USUAL_EDIT
    share = parts["edit_share"]
    size = _ramp(share, 0.0, low) * _ramp(-share, -1.0, -high)
    return float(0.4 * size + 0.3 * parts["exposure_match"] + 0.15 * parts["noise_match"] + 0.15 * parts["clipping"])


def _integrity(outside_changed: int, edges: float, upper_edges: float, shift: float) -> float:
    if outside_changed:
        return 0.0
    survival = min(
        _ramp(edges, EDGES_FATAL, EDGES_EXPECTED), _ramp(upper_edges, EDGES_FATAL - 0.1, EDGES_EXPECTED - 0.13)
    )
    return survival * _ramp(-shift, -SHIFT_FATAL, -SHIFT_TOLERATED)


def judge_pixels(photo: Bytes, picture: Bytes, mask: Bytes | None) -> Scores:
    """Scores of a picture of the photo's size; `mask` None: anything may have changed."""
    if photo.shape != picture.shape or (mask is not None and mask.shape != photo.shape[:2]):
        return Scores(integrity=0.0, quality=0.0, parts={"size_matches": 0.0})
    outside = int(((cv2.absdiff(photo, picture).max(2) > 0) & (mask == 0)).sum()) if mask is not None else 0
    small_photo, small_picture = _small(photo), _small(picture)
    size = small_photo.shape[1::-1]
    edited = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0 if mask is not None else None
    pair = _Pair(small_photo, small_picture, _visible_edit(small_photo, small_picture) if edited is None else edited)
    untouched = ~_grown(pair.edited, 2)
    edges = _edge_survival(pair, untouched)
    # Furniture hides what is low; windows, doors and cornices up there should still be seen.
    upper_edges = _edge_survival(pair, _upper(pair.edited.shape))
    # A model without a mask may have repainted everything; up there it should not.
    shift = _colour_shift(pair, untouched if mask is not None else _upper(pair.edited.shape))
    parts = {
        "outside_mask_changed": float(outside),
        "changed_share": float(_differing(photo, picture).mean()),
        "mask_share": float((mask > 0).mean()) if mask is not None else 1.0,
        "edge_survival": edges,
        "upper_edge_survival": upper_edges,
        "colour_shift": shift,
        **_quality_parts(pair),
    }
    return Scores(integrity=_integrity(outside, edges, upper_edges, shift), quality=_quality(parts), parts=parts)


def decode_mask(data: bytes) -> Bytes:
    """An 8-bit mask; raises UnreadablePhotoError."""
    return np.asarray(decode(data).pixels[..., 0])


def judge(photo: bytes, picture: bytes, mask: bytes | None) -> Scores:
    """Scores of an encoded picture as a staging of an encoded photo.

    Raises `images.UnreadablePhotoError` when one of them is not a picture. A picture of another size scores 0.
    """
    decoded = decode(photo).pixels, decode(picture).pixels
    return judge_pixels(*decoded, decode_mask(mask) if mask is not None else None)
