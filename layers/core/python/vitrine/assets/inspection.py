"""A file's bytes in; a verdict, a report and thumbnails out. One decode, no AWS."""

import io
from dataclasses import dataclass, field
from typing import cast

import cv2
import numpy as np
import simplejpeg
from PIL import Image, ImageCms

from vitrine.assets import exif
from vitrine.assets.models import Rejection, Report, ThumbnailSize
from vitrine.assets.pictures import Pixels, Still, fit, open_still
from vitrine.assets.refusals import Refused

# Sharpness depends on scale, so all photos are judged at one: about the 2 megapixels that staging works on.
JUDGED_SIDE = 1600
THUMBNAIL_SIZES = tuple(ThumbnailSize)
_SHADOW, _HIGHLIGHT = 3, 252
_JPEG_QUALITY = 85


@dataclass(frozen=True)
class Findings:
    """Either `reason` is set, or report and thumbnails (JPEG, sRGB, upright, without metadata) are."""

    reason: Rejection | None = None
    report: Report | None = None
    thumbnails: dict[ThumbnailSize, bytes] = field(default_factory=dict)


def inspect(data: bytes) -> Findings:
    """Total: whatever the bytes, it answers."""
    try:
        still = open_still(data)
        pixels = still.decode(JUDGED_SIDE)
    except Refused as refusal:
        return Findings(reason=refusal.reason)
    shot = exif.read(still.exif)
    orientation = 1 if still.upright else shot.orientation
    return Findings(
        report=_report(still, shot, orientation, pixels),
        thumbnails=_thumbnails(pixels, orientation, still.icc),
    )


def thumbnails(data: bytes) -> dict[ThumbnailSize, bytes]:
    """Thumbnails of a picture that needs no report, one that we made ourselves for instance. Raises `Refused`."""
    still = open_still(data)
    orientation = 1 if still.upright else exif.read(still.exif).orientation
    return _thumbnails(still.decode(ThumbnailSize.LARGE), orientation, still.icc)


def _report(still: Still, shot: exif.Shot, orientation: int, pixels: Pixels) -> Report:
    width, height = (still.height, still.width) if orientation >= 5 else (still.width, still.height)
    grey = fit(cast(Pixels, cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)), JUDGED_SIDE)
    brightness, shadows, highlights = _exposure(grey)
    return Report(
        content_type=still.content_type,
        width=width,
        height=height,
        orientation=orientation,
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


def _thumbnails(pixels: Pixels, orientation: int, icc: bytes | None) -> dict[ThumbnailSize, bytes]:
    """Each from the next larger one: 1200, 600, 150."""
    thumbnails = {}
    picture = _upright(_srgb(fit(pixels, ThumbnailSize.LARGE), icc), orientation)
    for size in sorted(ThumbnailSize, reverse=True):
        picture = fit(picture, size)
        thumbnails[size] = simplejpeg.encode_jpeg(picture, _JPEG_QUALITY, "RGB", "420")
    return thumbnails


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """EXIF orientation undone: 2, 4, 5, 7 are mirrored, 5 to 8 lie on their side."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _srgb(pixels: Pixels, icc: bytes | None) -> Pixels:
    """Colours as sRGB. A profile that cannot be used counts as none, as in browsers."""
    if not icc:
        return pixels
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return pixels
        picture = ImageCms.profileToProfile(Image.fromarray(pixels), profile, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return pixels
    return pixels if picture is None else np.asarray(picture)
