"""Judging a staged picture against its photo, whichever engine made it.

`integrity` says whether the room survived: nothing outside the mask may differ, and all over the frame, mask or not,
the room's lines must still be there or stand behind something new, in the same place and colours. `quality` says
whether the edit looks like part of the photo, and whether its furniture could stand there.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.qc import lines, scale
from functions.inference.version import VERSION
from functions.inference.vision.arrays import Array, Bools, Bytes
from functions.inference.vision.images import decode
from vitrine.contracts.inference import Engine, Layout, Scores

JUDGE = Engine(name="classical", version=VERSION)
JUDGED_SIZE = 1024
DIFFERENT = 2  # grey levels: less is rounding
UPPER_SHARE = 0.45  # of the frame, where furniture is rare
FEWEST_PLACES = 30
# What each finding costs: full marks up to the first value, none from the second. The quality threshold of 0.9
# (vitrine.staging) lies at a tenth of the way. Measured on good and on damaged stagings: tests/bench/judge.py.
LOST_FINE, LOST_FATAL = 0.088, 0.2  # length of lines lost, in longer sides of the frame
MOVED_FINE, MOVED_FATAL = 0.9, 3.9  # pixels at JUDGED_SIZE
SHIFT_FINE, SHIFT_FATAL = 1.6, 7.6  # Lab units
USUAL_EDIT = (0.06, 0.62)  # share of the frame


@dataclass(frozen=True)
class _Pair:
    """Photo, picture and edit at JUDGED_SIZE; `edited` is the mask, or what visibly differs when none was given."""

    photo: Bytes
    picture: Bytes
    edited: Bools


def _small(pixels: Bytes) -> Bytes:
    factor = min(1.0, JUDGED_SIZE / max(pixels.shape[:2]))
    if factor == 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def _grey(pixels: Bytes) -> Bytes:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _difference(photo: Bytes, picture: Bytes) -> Bytes:
    """The largest difference of any channel, per pixel."""
    red, green, blue = cv2.split(cv2.absdiff(photo, picture))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def _visible_edit(photo: Bytes, picture: Bytes) -> Bools:
    """Large coherent changes: furniture that a model painted."""
    change = cv2.GaussianBlur(_difference(photo, picture).astype(np.float32), (0, 0), 4) > 18
    return cv2.morphologyEx(change.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)) > 0


def _median_shift(photo: Bytes, picture: Bytes) -> float:
    """Length of the median change of Lab."""
    before, after = (cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for p in (photo, picture))
    return float(np.linalg.norm(np.median((after - before).reshape(-1, 3), axis=0)))


def _colour_shift(pair: _Pair, samples: lines.LineSamples) -> float:
    """How far the room's colours moved in the upper part: of most pixels, or beside the lines that are kept."""
    rows = max(1, int(UPPER_SHARE * len(pair.photo)))
    upper = _median_shift(pair.photo[:rows:2, ::2], pair.picture[:rows:2, ::2])
    kept = samples.kept & (samples.at[:, 1] < rows)
    if kept.sum() < FEWEST_PLACES:
        return upper
    return max(upper, float(np.linalg.norm(np.median(samples.tint[kept], axis=0))))


def _ramp(value: float, fatal: float, fine: float) -> float:
    return float(np.clip((value - fatal) / (fine - fatal), 0, 1))


def _room_parts(pair: _Pair) -> dict[str, float]:
    samples = lines.compare(pair.photo, pair.picture)
    longest = max(pair.photo.shape[:2])
    lost, kept = (float(samples.weight[which].sum()) * lines.STEP for which in (samples.lost, samples.kept))
    return {
        "lines_lost": lost / longest,
        "line_survival": kept / (kept + lost) if kept + lost else 1.0,
        "displacement_px": lines.displacement(samples, pair.photo.shape) * JUDGED_SIZE / longest,
        "colour_shift": _colour_shift(pair, samples),
    }


def _high_pass(pixels: Bytes, where: Bools) -> float:
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
    look = 0.4 * size + 0.3 * parts["exposure_match"] + 0.15 * parts["noise_match"] + 0.15 * parts["clipping"]
    return float(look * (0.5 + 0.5 * parts.get("scale", 1.0)))


def _integrity(parts: dict[str, float]) -> float:
    if parts["outside_mask_changed"]:
        return 0.0
    return (
        _ramp(-parts["lines_lost"], -LOST_FATAL, -LOST_FINE)
        * _ramp(-parts["displacement_px"], -MOVED_FATAL, -MOVED_FINE)
        * _ramp(-parts["colour_shift"], -SHIFT_FATAL, -SHIFT_FINE)
    )


def judge_pixels(photo: Bytes, picture: Bytes, mask: Bytes | None, layout: Layout | None = None) -> Scores:
    """Scores of a picture of the photo's size; `mask` None: anything may have changed.

    With the `layout` of what was placed, its scale counts too.
    """
    if photo.shape != picture.shape or (mask is not None and mask.shape != photo.shape[:2]):
        return Scores(integrity=0.0, quality=0.0, parts={"size_matches": 0.0})
    difference = _difference(photo, picture)
    outside = int(np.count_nonzero(difference[mask == 0])) if mask is not None else 0
    small_photo, small_picture = _small(photo), _small(picture)
    size = small_photo.shape[1::-1]
    edited = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0 if mask is not None else None
    pair = _Pair(small_photo, small_picture, _visible_edit(small_photo, small_picture) if edited is None else edited)
    parts = {
        "outside_mask_changed": float(outside),
        "changed_share": float(np.count_nonzero(difference > DIFFERENT)) / difference.size,
        "mask_share": float(np.count_nonzero(mask)) / mask.size if mask is not None else 1.0,
        **_room_parts(pair),
        **_quality_parts(pair),
        **({"scale": scale.plausibility(layout)} if layout is not None else {}),
    }
    return Scores(integrity=_integrity(parts), quality=_quality(parts), parts=parts)


def decode_mask(data: bytes) -> Bytes:
    """An 8-bit mask; raises UnreadablePhotoError."""
    return np.asarray(decode(data).pixels[..., 0])


def judge(photo: bytes, picture: bytes, mask: bytes | None) -> Scores:
    """Scores of an encoded picture as a staging of an encoded photo.

    Raises `images.UnreadablePhotoError` when one of them is not a picture. A picture of another size scores 0.
    """
    decoded = decode(photo).pixels, decode(picture).pixels
    return judge_pixels(*decoded, decode_mask(mask) if mask is not None else None)
