"""One frame, one decode: the numbers that judge it alone, and the features that relate it to its set."""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np

from vitrine.pictures.decoding import Limits, fit, open_still
from vitrine.pictures.orient import Pixels
from vitrine.set_qc import features
from vitrine.set_qc.models import FrameMeasures

DECODED_SIDE = 1600
"""Sharpness has the document's scale at this size: about 450 for a sharp frame of 12 megapixels."""
_DETAIL_SIDE = 960
_SHADOW, _HIGHLIGHT = 3, 252
_SMOOTHED = 0.8
_RIM = 0.04
_LIMITS = Limits(pixels=110_000_000, longest=30_000, shortest=64)


@dataclass(frozen=True)
class Measured:
    """`features` is the compressed npz that `relate` takes."""

    measures: FrameMeasures
    features: bytes


def measure(data: bytes) -> Measured:
    """From a file's bytes, whatever their kind. Raises `BadPicture`."""
    still = open_still(data, _LIMITS)
    return measure_pixels(
        still.upright(fit(still.decode(DECODED_SIDE), DECODED_SIDE)), hashlib.sha256(data).hexdigest()
    )


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal digits: what a frame is called by wherever its bytes matter."""
    return hashlib.sha256(data).hexdigest()


def measure_pixels(rgb: Pixels, sha256: str) -> Measured:
    """From upright pixels that are decoded already, 1600 on the longer side or more where the frame has them."""
    pixels = fit(rgb, DECODED_SIDE)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    kept = features.extract(pixels)
    brightness, shadows, highlights = _exposure(grey)
    fine, noise = detail_of(fit(grey, _DETAIL_SIDE))
    coarse, _ = detail_of(fit(grey, _DETAIL_SIDE // 2))
    measures = FrameMeasures(
        sharpness=round(_sharpness(grey), 2),
        detail=round(fine, 3),
        coarse_detail=round(coarse, 3),
        noise=round(noise, 3),
        brightness=brightness,
        clipped_shadows=shadows,
        clipped_highlights=highlights,
        ring_lab=_rim(kept.small),
        sha256=sha256,
    )
    return Measured(measures, features.pack(kept))


def detail_of(grey: Pixels) -> tuple[float, float]:
    """Variance of the Laplacian of Gaussian (deviation 0.8 pixels) without that of noise, and the noise's deviation
    (1.4826 times the median absolute value, as for a normal distribution).

    Noise fills the whole frame and edges a small part of it, so the median sees noise alone. Smoothing first takes away
    far more noise than detail: without it, the detail of a dark car at night drowns.
    """
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _SMOOTHED)
    laplacian = np.asarray(cv2.Laplacian(smooth, cv2.CV_32F, ksize=1), np.float32)
    _, deviation = cv2.meanStdDev(laplacian)
    noise = 1.4826 * float(np.median(np.abs(laplacian[::2, ::2])))
    return max(0.0, float(deviation[0, 0]) ** 2 - noise**2), noise


def _sharpness(grey: Pixels) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000)."""
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S, ksize=1))
    return float(deviation[0, 0]) ** 2


def _exposure(grey: Pixels) -> tuple[float, float, float]:
    """Mean luminance, and the shares of pixels at the dark and the bright end, each 0 to 1."""
    shares = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel() / grey.size
    mean = float(shares @ np.arange(256)) / 255
    return round(mean, 4), round(float(shares[: _SHADOW + 1].sum()), 4), round(float(shares[_HIGHLIGHT:].sum()), 4)


def _rim(small: Pixels) -> tuple[float, float, float]:
    """Median L*, a*, b* of the frame's rim: what the studio looks like, whatever stands in it."""
    band = max(2, round(_RIM * max(small.shape[:2])))
    inner = small[band:-band, band:-band]
    rim = np.ones(small.shape[:2], bool)
    rim[band : band + inner.shape[0], band : band + inner.shape[1]] = False
    lab = cv2.cvtColor(small[rim].reshape(-1, 1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    lightness, a, b = np.median(lab, axis=0).round(3)
    return float(lightness), float(a), float(b)
