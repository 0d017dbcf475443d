"""Pictures that the demo makes of its own."""

from pathlib import Path

from PIL import Image

from vitrine.pictures import decoding

HEIGHT = 900
GAP = 12
JPEG_QUALITY = 90


def side_by_side(before: Path, after: Path, out: Path) -> None:
    """Both at the same height, upright, as one JPEG."""
    left, right = (_at_height(path) for path in (before, after))
    canvas = Image.new("RGB", (left.width + GAP + right.width, HEIGHT), "white")
    canvas.paste(left, (0, 0))
    canvas.paste(right, (left.width + GAP, 0))
    canvas.save(out, quality=JPEG_QUALITY)


def for_browsers(before: Path, size: tuple[int, int], out: Path) -> str:
    """The photo upright, as a JPEG of that size, whatever it was: most browsers show no HEIC. Returns its name."""
    _upright(before).resize(size, Image.Resampling.LANCZOS).save(out, quality=JPEG_QUALITY)
    return out.name


def _at_height(path: Path) -> Image.Image:
    upright = _upright(path)
    return upright.resize((round(upright.width * HEIGHT / upright.height), HEIGHT), Image.Resampling.LANCZOS)


def _upright(path: Path) -> Image.Image:
    """As the engine saw it, colours included."""
    return Image.fromarray(decoding.read(path.read_bytes()))
