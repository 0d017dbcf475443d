"""Pictures that the demo makes of its own."""

from pathlib import Path

from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

HEIGHT = 900
GAP = 12
JPEG_QUALITY = 90


def side_by_side(before: Path, after: Path, out: Path) -> None:
    """Both at the same height, upright, as one JPEG."""
    register_heif_opener()
    left, right = (_at_height(path) for path in (before, after))
    canvas = Image.new("RGB", (left.width + GAP + right.width, HEIGHT), "white")
    canvas.paste(left, (0, 0))
    canvas.paste(right, (left.width + GAP, 0))
    canvas.save(out, quality=JPEG_QUALITY)


def for_browsers(before: Path, size: tuple[int, int], out: Path) -> str:
    """The photo upright, as a JPEG of that size, whatever it was: most browsers show no HEIC. Returns its name."""
    register_heif_opener()
    with Image.open(before) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        upright.resize(size, Image.Resampling.LANCZOS).save(out, quality=JPEG_QUALITY)
    return out.name


def _at_height(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        return upright.resize((round(upright.width * HEIGHT / upright.height), HEIGHT), Image.Resampling.LANCZOS)
