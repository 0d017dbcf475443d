"""A file's bytes in; a verdict, a report and thumbnails out. One decode, no AWS."""

from dataclasses import dataclass, field
from typing import cast

import cv2
import numpy as np
import simplejpeg

from vitrine.assets import exif
from vitrine.assets.models import MAX_PIXELS, MAX_SIDE, MIN_SIDE, Rejection, Report, ThumbnailSize
from vitrine.assets.refusals import refused
from vitrine.pictures.colour import tagged_jpeg
from vitrine.pictures.decoding import Limits, Still, fit, open_still
from vitrine.pictures.faults import BadPicture
from vitrine.pictures.orient import Pixels

# Sharpness depends on scale, so all photos are judged at one: about the 2 megapixels that staging works on.
JUDGED_SIDE = 1600
THUMBNAIL_SIZES = tuple(ThumbnailSize)
_SHADOW, _HIGHLIGHT = 3, 252
_JPEG_QUALITY = 85
_LIMITS = Limits(MAX_PIXELS, MAX_SIDE, MIN_SIDE)


@dataclass(frozen=True)
class Findings:
    """Either `reason` is set, or report and thumbnails are: JPEG, upright, tagged as sRGB, without other metadata."""

    reason: Rejection | None = None
    report: Report | None = None
    thumbnails: dict[ThumbnailSize, bytes] = field(default_factory=dict)


def inspect(data: bytes) -> Findings:
    """Total: whatever the bytes, it answers."""
    try:
        still = open_still(data, _LIMITS)
        pixels = still.decode(JUDGED_SIDE)
    except BadPicture as bad:
        return Findings(reason=refused(bad).reason)
    return Findings(report=_report(still, exif.read(still.exif), pixels), thumbnails=_thumbnails(still, pixels))


def thumbnails(data: bytes) -> dict[ThumbnailSize, bytes]:
    """Thumbnails of a picture that needs no report, one that we made ourselves for instance. Raises `Refused`."""
    try:
        still = open_still(data, _LIMITS)
        return _thumbnails(still, still.decode(ThumbnailSize.LARGE))
    except BadPicture as bad:
        raise refused(bad) from None


def _report(still: Still, shot: exif.Shot, pixels: Pixels) -> Report:
    width, height = still.upright_size
    grey = fit(cast(Pixels, cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)), JUDGED_SIDE)
    brightness, shadows, highlights = _exposure(grey)
    return Report(
        content_type=still.content_type,
        width=width,
        height=height,
        orientation=still.orientation,
        focal_length_35mm=shot.focal_length_35mm,
        camera_make=shot.camera_make,
        camera_model=shot.camera_model,
        taken_at=shot.taken_at,
        has_gps=shot.has_gps,
        sharpness=_sharpness(grey),
        brightness=brightness,
        clipped_shadows=shadows,
        clipped_highlights=highlights,
    )


def _sharpness(grey: Pixels) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000)."""
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S, ksize=1))
    return round(float(deviation[0, 0]) ** 2, 2)


def _exposure(grey: Pixels) -> tuple[float, float, float]:
    """Mean luminance, and the shares of pixels at the dark and the bright end, each 0 to 1."""
    shares = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel() / grey.size
    mean = float(shares @ np.arange(256)) / 255
    return round(mean, 4), round(float(shares[: _SHADOW + 1].sum()), 4), round(float(shares[_HIGHLIGHT:].sum()), 4)


def _thumbnails(still: Still, pixels: Pixels) -> dict[ThumbnailSize, bytes]:
    """Each from the next larger one: 1200, 600, 150."""
    thumbnails = {}
    picture = still.upright(fit(pixels, ThumbnailSize.LARGE))
    for size in sorted(ThumbnailSize, reverse=True):
        picture = fit(picture, size)
        thumbnails[size] = tagged_jpeg(simplejpeg.encode_jpeg(picture, _JPEG_QUALITY, "RGB", "420"))
    return thumbnails
