"""Pictures made in code, as files."""

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageCms

pillow_heif.register_heif_opener()

Pixels = NDArray[np.uint8]


def room(width: int = 640, height: int = 480) -> Pixels:
    """A picture with detail, whose four quarters differ in colour: red, green, blue, white from the top left."""
    grain = np.random.default_rng(7).integers(0, 40, (height, width, 1), dtype=np.uint8)
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = (200, 20, 20)
    picture[: height // 2, width // 2 :] = (20, 200, 20)
    picture[height // 2 :, : width // 2] = (20, 20, 200)
    picture[height // 2 :, width // 2 :] = (200, 200, 200)
    return picture + grain


def file(pixels: Pixels | Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """`options` are Pillow's. A HEIF is coded in the quickest way: an eighth of the time, and modules make some as they
    are imported, in every worker."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    if kind == "HEIF":
        options = {"enc_params": {"preset": "ultrafast"}, **options}
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def read(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def exif(tags: dict[int, Any] | None = None, detail: dict[int, Any] | None = None, gps: bool = False) -> Image.Exif:
    written = Image.Exif()
    written.update(tags or {})
    written.get_ifd(0x8769).update(detail or {})
    if gps:
        written.get_ifd(0x8825).update({1: "N", 2: (59.0, 20.0, 0.0), 3: "E", 4: (18.0, 4.0, 0.0)})
    return written


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG by its chunks after the header, true or not: 8-bit RGB."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in (header, *chunks, (b"IEND", b"")))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def deep_png(channels: int) -> bytes:
    """16 bits a channel, by OpenCV: Pillow writes such files in grey only."""
    ramp: NDArray[Any] = np.linspace(0, 65535, 640 * 480 * channels).reshape(480, 640, channels).astype(np.uint16)
    done, data = cv2.imencode(".png", ramp)
    assert done
    return data.tobytes()


def jpeg_claiming(width: int, height: int) -> bytes:
    """A JPEG whose frame header says it is that large."""
    data = bytearray(file(room()))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_with_odd_scan() -> bytes:
    """A baseline JPEG whose scan header gives a spectral range that only progressive ones use, as some phones write."""
    data = bytearray(file(room()))
    data[data.index(b"\xff\xda") + 12] = 0
    return bytes(data)


def webp_claiming(width: int, height: int) -> bytes:
    """A lossless WebP whose frame header says it is that large."""
    data = bytearray(file(room(), "WEBP", lossless=True))
    at = data.index(b"VP8L") + 9
    bits = int.from_bytes(data[at : at + 4], "little") & ~0xFFFFFFF
    data[at : at + 4] = (bits | (width - 1) | (height - 1) << 14).to_bytes(4, "little")
    return bytes(data)


def heic_claiming(width: int, height: int) -> bytes:
    """A HEIC whose container says it is that large; its coded picture stays 640 × 480."""
    data = file(room(), "HEIF", quality=40)
    true = struct.pack(">II", 640, 480)
    assert true in data
    return data.replace(true, struct.pack(">II", width, height))


def jpeg_of_scans(count: int) -> bytes:
    """A progressive JPEG that draws its last scan again and again."""
    data = file(room(), progressive=True)
    last, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    return data[:end] + data[last:end] * count + data[end:]


def swapped_profile() -> bytes:
    """An ICC profile like sRGB with red and blue exchanged, so that its use shows."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    named = profile.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    table, rest = named[:300], named[300:]
    return table.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ") + rest
