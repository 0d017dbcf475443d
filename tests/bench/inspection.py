"""`python -m tests.bench.inspection`: what inspecting a 12-megapixel JPEG costs, and what the largest uploads need.

Rivals run in the same process on the same bytes: Pillow straight through (decode, three thumbnails, sharpness,
brightness), and one bare full-size decode by TurboJPEG. With a folder as argument it also makes the largest pictures
that are let in, there, and inspects each in a process of its own, whose peak memory (VmHWM) includes the interpreter.
"""

import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import simplejpeg
from PIL import Image

from vitrine.assets.inspection import inspect
from vitrine.pictures.orient import Pixels

ROUNDS = 9
LIMIT_MB = 2000


def photo(width: int, height: int, grain: float = 0.5) -> Pixels:
    """Smooth shapes under camera-like grain, made in strips so that the largest fits in memory."""
    chance = np.random.default_rng(0)
    shapes = cv2.resize(chance.integers(0, 255, (48, 64, 3), dtype=np.uint8), (width, height), interpolation=2)
    for top in range(0, height, 512):
        strip = shapes[top : top + 512]
        noise = cv2.GaussianBlur(chance.integers(0, 255, strip.shape[:2], dtype=np.uint8), (0, 0), 1.2)
        shapes[top : top + 512] = np.clip(strip + (noise.astype(np.int16) - 128)[..., None] * grain, 0, 255)
    return np.asarray(shapes, np.uint8)


def pillow_straight_through(data: bytes) -> None:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    for side in (1200, 600, 150):
        small = picture.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        small.save(io.BytesIO(), "JPEG", quality=85)
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    laplacian = -4 * grey[1:-1, 1:-1] + grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    laplacian.var(), grey.mean()


def bare_decode(data: bytes) -> None:
    simplejpeg.decode_jpeg(data, "RGB")


def medians(data: bytes, *work: Callable[[bytes], object]) -> list[float]:
    """Milliseconds each; the candidates take turns, so that a busy machine slows all of them alike."""
    taken: list[list[float]] = [[] for _ in work]
    for _ in range(ROUNDS + 1):
        for do, times in zip(work, taken, strict=True):
            started = time.perf_counter()
            do(data)
            times.append((time.perf_counter() - started) * 1000)
    return [statistics.median(times[1:]) for times in taken]


def speed() -> dict[str, float]:
    data = simplejpeg.encode_jpeg(photo(4032, 3024), 90, "RGB", "420")
    ours, pillow, bare = medians(data, inspect, pillow_straight_through, bare_decode)
    return {
        "inspect_ms": round(ours, 1),
        "pillow_ms": round(pillow, 1),
        "bare_decode_ms": round(bare, 1),
        "of_pillow": round(ours / pillow, 2),
        "of_bare_decode": round(ours / bare, 2),
    }


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _heavy_png() -> bytes:
    """About 100 MB at 100 megapixels: as much of both as is let in."""
    return _saved(Image.fromarray(photo(11_540, 8_660, 0.01)).convert("RGBA"), "PNG", compress_level=1)


def _heic() -> bytes:
    return _saved(Image.fromarray(photo(11_540, 8_660, 0.05)), "HEIF", quality=50, enc_params={"preset": "ultrafast"})


LARGEST: dict[str, Callable[[], bytes]] = {
    "jpeg_100mp": lambda: simplejpeg.encode_jpeg(photo(11_540, 8_660), 95, "RGB", "444"),
    "jpeg_100mp_progressive": lambda: _saved(
        Image.fromarray(photo(11_540, 8_660)), "JPEG", quality=95, progressive=True, subsampling=0
    ),
    "png_100mp_rgba": _heavy_png,
    "webp_100mp": lambda: _saved(Image.fromarray(photo(11_540, 8_660)), "WEBP", quality=60, method=0),
    "heic_100mp": _heic,
}


def make(name: str, folder: Path) -> Path:
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None
    file = folder / name
    if not file.exists():
        file.write_bytes(LARGEST[name]())
    return file


def weigh(file: Path) -> dict[str, object]:
    """Run in a process of its own."""
    data = file.read_bytes()
    before = _peak_mb()
    started = time.perf_counter()
    findings = inspect(data)
    seconds = time.perf_counter() - started
    return {
        "file_mb": round(len(data) / 1e6, 1),
        "verdict": findings.reason.code if findings.reason else "accepted",
        "seconds": round(seconds, 2),
        "peak_mb": _peak_mb(),
        "peak_before_mb": before,
    }


def _peak_mb() -> int:
    """Not ru_maxrss, which a child process inherits from its parent."""
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return round(int(status.split()[0]) / 1000)


def _child(*arguments: str) -> str:
    command = [sys.executable, "-m", "tests.bench.inspection", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["weigh"]:
        print(json.dumps(weigh(Path(arguments[1]))))
    elif arguments[:1] == ["make"]:
        print(make(arguments[1], Path(arguments[2])))
    else:
        print(json.dumps(speed()))
        folder = Path(arguments[0]) if arguments else None
        for name in LARGEST if folder else ():
            file = _child("make", name, str(folder)).strip()
            print(name, _child("weigh", file).strip(), f"limit {LIMIT_MB} MB")


if __name__ == "__main__":
    main()
