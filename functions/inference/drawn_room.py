"""A drawn empty room, enough like a photo to be staged: what the image's build and its rehearsal stage."""

import io
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from functions.inference.vision.arrays import Bytes, Floats

Colour = tuple[int, int, int]
Corner = tuple[float, float, float]

WIDTH, HEIGHT = 800, 600
FOCAL_PX = 0.62 * WIDTH
CAMERA_HEIGHT_M, PITCH_RAD = 1.4, 0.05
LEFT, RIGHT, NEAR, BACK, CEILING = -1.9, 2.3, 0.9, 5.0, 2.6
"""The room in metres, from the camera: x to the right, y ahead, z up."""
PLANKS = 28


def drawn_room(seed: int = 3) -> bytes:
    """A JPEG: floor boards, three walls with baseboards, a window and a door, light from the left, some noise."""
    noise = np.random.default_rng(seed)
    image = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    _shell(draw)
    _floor(draw, noise)
    _openings(draw)
    lit = _lit(np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), np.float64), noise)
    out = io.BytesIO()
    Image.fromarray(lit).save(out, "JPEG", quality=92)
    return out.getvalue()


def _shell(draw: ImageDraw.ImageDraw) -> None:
    _quad(draw, (238, 237, 234), (LEFT, NEAR, CEILING), (RIGHT, NEAR, CEILING), (RIGHT, BACK, CEILING))
    _back_wall(draw, (216, 210, 200), LEFT, RIGHT, 0, CEILING)
    _side_wall(draw, (190, 184, 175), LEFT, NEAR, BACK, 0, CEILING)
    _side_wall(draw, (228, 223, 214), RIGHT, NEAR, BACK, 0, CEILING)


def _floor(draw: ImageDraw.ImageDraw, noise: np.random.Generator) -> None:
    board = (RIGHT - LEFT) / PLANKS
    for start in np.linspace(LEFT, RIGHT, PLANKS, endpoint=False):
        tint = int(noise.integers(-12, 12))
        colour = (158 + tint, 118 + tint, 82 + tint)
        _quad(draw, colour, (start, NEAR, 0), (start + board, NEAR, 0), (start + board, BACK, 0))
    _back_wall(draw, (245, 244, 240), LEFT, RIGHT, 0, 0.1)
    _side_wall(draw, (230, 228, 224), LEFT, NEAR, BACK, 0, 0.1)
    _side_wall(draw, (247, 246, 243), RIGHT, NEAR, BACK, 0, 0.1)


def _openings(draw: ImageDraw.ImageDraw) -> None:
    _side_wall(draw, (240, 240, 238), LEFT, 2.4, 3.9, 0.9, 2.2)
    _side_wall(draw, (252, 253, 255), LEFT, 2.48, 3.82, 0.98, 2.12)
    _back_wall(draw, (240, 238, 233), 1.0, 1.9, 0, 2.05)
    _back_wall(draw, (205, 197, 186), 1.06, 1.84, 0, 2.0)


def _back_wall(draw: ImageDraw.ImageDraw, colour: Colour, x0: float, x1: float, z0: float, z1: float) -> None:
    _quad(draw, colour, (x0, BACK, z0), (x1, BACK, z0), (x1, BACK, z1))


def _side_wall(draw: ImageDraw.ImageDraw, colour: Colour, x: float, y0: float, y1: float, z0: float, z1: float) -> None:
    _quad(draw, colour, (x, y0, z0), (x, y1, z0), (x, y1, z1))


def _quad(draw: ImageDraw.ImageDraw, colour: Colour, a: Corner, b: Corner, c: Corner) -> None:
    """The parallelogram with the corners a, b, c in that order."""
    d = (a[0] + c[0] - b[0], a[1] + c[1] - b[1], a[2] + c[2] - b[2])
    draw.polygon([_seen(corner) for corner in (a, b, c, d)], fill=colour)


def _seen(corner: Corner) -> tuple[float, float]:
    x, y, z = corner[0], corner[1], corner[2] - CAMERA_HEIGHT_M
    ahead = y * math.cos(PITCH_RAD) - z * math.sin(PITCH_RAD)
    up = y * math.sin(PITCH_RAD) + z * math.cos(PITCH_RAD)
    return WIDTH / 2 + FOCAL_PX * x / ahead, HEIGHT / 2 - FOCAL_PX * up / ahead


def _lit(pixels: Floats, noise: np.random.Generator) -> Bytes:
    across = np.linspace(0, 1, WIDTH)[None, :, None]
    lit = pixels * (1.04 - 0.22 * (across - 0.15) ** 2) + noise.normal(0, 2.2, pixels.shape)
    return np.clip(lit, 0, 255).astype(np.uint8)
