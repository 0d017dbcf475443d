"""From linear light to a photo: exposure, a camera's curve, noise, JPEG with EXIF."""

import io
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from PIL import Image

from functions.inference.vision.arrays import Array, Bytes
from functions.inference.vision.colour import linear_to_bytes

QUALITY = 91
APERTURE = 5.6
EXIF_IFD = 0x8769


@dataclass(frozen=True)
class Camera:
    """What EXIF says of an exposure."""

    iso: int
    seconds: float
    focal_mm: int


def develop(light: Array, exposure: float, noise: float, seed: int) -> Bytes:
    """sRGB of linear light; highlights roll off above 0.72. `noise` is the deviation at middle grey."""
    rng = np.random.default_rng(seed)
    value = np.maximum(light * exposure, 0)
    level = np.sqrt(np.maximum(value.mean(2, keepdims=True), 0.004) / 0.18)
    grain = rng.normal(0, 1, (*value.shape[:2], 1)) * 0.8 + rng.normal(0, 1, value.shape) * 0.45
    noisy = np.maximum(value + (noise * level * grain).astype(np.float32), 0)
    return linear_to_bytes(_shoulder(noisy.astype(np.float32)))


def _shoulder(value: Array) -> Array:
    start, room = 0.72, 0.28
    above = np.maximum(value - start, 0)
    return np.where(value <= start, value, start + room * (1 - np.exp(-above / room * 0.75))).astype(np.float32)


def jpeg(pixels: Bytes, camera: Camera, taken: datetime, quality: int = QUALITY) -> bytes:
    """A JPEG as a camera writes it."""
    picture = Image.fromarray(pixels)
    exif = Image.Exif()
    stamp = taken.strftime("%Y:%m:%d %H:%M:%S")
    exif[0x010F], exif[0x0110], exif[0x0112], exif[0x0132] = "Vitrine", "Drawn camera", 1, stamp
    details = exif.get_ifd(EXIF_IFD)
    details.update(
        {
            0x829A: camera.seconds, 0x829D: APERTURE, 0x8827: camera.iso, 0x9003: stamp, 0x9004: stamp,
            0x9010: "+00:00", 0x9011: "+00:00", 0x9291: f"{taken.microsecond // 1000:03d}",
            0x920A: float(camera.focal_mm), 0xA405: camera.focal_mm,
        }
    )  # fmt: skip
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, exif=exif, dpi=(300, 300), subsampling="4:2:0")
    return buffer.getvalue()
