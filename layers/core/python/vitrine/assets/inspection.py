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
class Decoded:
    """A picture after its one decode: RGB as stored, the longer side at least `JUDGED_SIDE` where the file has that.

    Whoever wants to know more of the same picture measures these pixels, and decodes none again.
    """

    still: Still
    pixels: Pixels


@dataclass(frozen=True)
class Findings:
    """Either `reason` is set, or report and thumbnails are: JPEG, upright, tagged as sRGB, without other metadata."""

    reason: Rejection | None = None
    report: Report | None = None
    thumbnails: dict[ThumbnailSize, bytes] = field(default_factory=dict)


def inspect(data: bytes) -> Findings:
    """Total: whatever the bytes, it answers."""
    try:
        decoded = decode(data)
    except BadPicture as bad:
        return Findings(reason=refused(bad).reason)
    return Findings(report=report(decoded), thumbnails=thumbnails_of(decoded))


def decode(data: bytes) -> Decoded:
    """Raises `BadPicture`, also for a picture outside the limits of an upload."""
    still = open_still(data, _LIMITS)
    return Decoded(still, still.decode(JUDGED_SIDE))


def thumbnails(data: bytes) -> dict[ThumbnailSize, bytes]:
    """Thumbnails of a picture that needs no report, one that we made ourselves for instance. Raises `Refused`."""
    try:
        still = open_still(data, _LIMITS)
        return thumbnails_of(Decoded(still, still.decode(ThumbnailSize.LARGE)))
    except BadPicture as bad:
        raise refused(bad) from None


def report(decoded: Decoded) -> Report:
    still, shot = decoded.still, exif.read(decoded.still.exif)
    width, height = still.upright_size
    grey = fit(cast(Pixels, cv2.cvtColor(decoded.pixels, cv2.COLOR_RGB2GRAY)), JUDGED_SIDE)
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


def thumbnails_of(decoded: Decoded) -> dict[ThumbnailSize, bytes]:
    """Upright JPEGs of 1200, 600 and 150 pixels, each made from the next larger one."""
    made = {}
    picture = decoded.still.upright(fit(decoded.pixels, ThumbnailSize.LARGE))
    for size in sorted(ThumbnailSize, reverse=True):
        picture = fit(picture, size)
        made[size] = tagged_jpeg(simplejpeg.encode_jpeg(picture, _JPEG_QUALITY, "RGB", "420"))
    return made
