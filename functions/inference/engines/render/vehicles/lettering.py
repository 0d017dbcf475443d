"""Texts on a car: number plates and stickers as pictures, badges as raised letters."""

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.vision.arrays import Array, Bools, Bytes, Floats
from functions.inference.vision.colour import bytes_to_linear

PLATE_M = (0.52, 0.114)
PLATE_PX = (1040, 228)
LETTERS, DIGITS = "ABCDEFHKLMNPRSTVXYZ", "0123456789"
RASTER = 26  # rows of pixels in a badge's letters


def plate_text(rng: np.random.Generator) -> str:
    """Such as `KLX 4821`; letters that look like digits are left out."""
    letters = "".join(rng.choice(list(LETTERS), 3))
    return f"{letters} {''.join(rng.choice(list(DIGITS), 4))}"


def _font(size: int) -> ImageFont.FreeTypeFont:
    """The font that ships inside Pillow."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


def plate(text: str) -> Array:
    """A plate's picture, linear light."""
    width, height = PLATE_PX
    picture = Image.new("RGB", PLATE_PX, "#f4f4f0")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 92, height), fill="#12409a")
    draw.text((46, height * 0.72), "V", fill="#f4f4f0", font=_font(76), anchor="mm")
    for k in range(12):
        x, y = 46 + 26 * np.cos(k * np.pi / 6), 76 + 26 * np.sin(k * np.pi / 6)
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill="#f2cf2a")
    draw.text(((width + 92) / 2, height / 2), text, "#0b0b0c", _font(182), "mm", stroke_width=3, stroke_fill="#0b0b0c")
    draw.rounded_rectangle((4, 4, width - 5, height - 5), 18, outline="#15161a", width=6)
    return bytes_to_linear(np.asarray(picture))


def sticker(lines: tuple[str, ...], ground: str, ink: str) -> Array:
    picture = Image.new("RGB", (480, 360), ground)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((10, 10, 469, 349), outline=ink, width=8)
    size = min(110, int(280 / len(lines)))
    for k, line in enumerate(lines):
        draw.text((240, 360 * (k + 1) / (len(lines) + 1)), line, ink, _font(size), "mm")
    return bytes_to_linear(np.asarray(picture))


@lru_cache(maxsize=32)
def _raster(text: str) -> Bools:
    font = _font(RASTER * 2)
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    picture = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(picture).text((-left, -top), text, 255, font)
    return np.asarray(picture) > 110


@dataclass(frozen=True)
class Spot:
    """A flat place: the middle of a text, the way it reads, up, and out of the surface."""

    middle: Floats
    along: Floats
    up: Floats

    @property
    def out(self) -> Floats:
        return np.asarray(np.cross(self.along, self.up), np.float64)

    def at(self, u: float, v: float, out: float) -> Floats:
        return np.asarray(self.middle + u * self.along + v * self.up + out * self.out, np.float64)


def letters(mesh: Mesh, material: str, text: str, spot: Spot, height: float) -> None:
    """Raised letters, each row of their raster as flat bars."""
    raster = _raster(text)
    rows, columns = raster.shape
    pixel = height / rows
    bars = [(row, start, end) for row in range(rows) for start, end in _runs(raster[row])]
    corners = np.array([_bar(spot, pixel, rows, columns, bar) for bar in bars]).reshape(-1, 3)
    first = np.arange(len(bars))[:, None] * 4
    faces = np.concatenate([first + np.array(corner) for corner in ((0, 1, 2), (0, 2, 3))])
    normals = np.tile(spot.out, (len(corners), 1))
    mesh.add(material, corners, faces, np.zeros((len(corners), 2)), normals)


def _runs(row: Bools) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.r_[False, row, False].astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _bar(spot: Spot, pixel: float, rows: int, columns: int, bar: tuple[int, int, int]) -> list[Floats]:
    row, start, end = bar
    left, right = (start - columns / 2) * pixel, (end - columns / 2) * pixel
    top, bottom = (rows / 2 - row) * pixel, (rows / 2 - row - 1) * pixel
    return [spot.at(u, v, 0.003) for u, v in ((left, bottom), (right, bottom), (right, top), (left, top))]


def panel(mesh: Mesh, material: str, spot: Spot, size: tuple[float, float], out: float = 0.0) -> Floats:
    """A flat picture; its four corners from the upper left, clockwise as it is read."""
    u, v = size[0] / 2, size[1] / 2
    corners = [spot.at(*place, out) for place in ((-u, v), (u, v), (u, -v), (-u, -v))]
    uv = np.array([[0.0005, 0.0005], [0.9995, 0.0005], [0.9995, 0.9995], [0.0005, 0.9995]])
    mesh.add(material, corners, [[0, 3, 2], [0, 2, 1]], uv, np.tile(spot.out, (4, 1)))
    return np.array(corners)


def as_png(pixels: Bytes) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
