"""Textures of the synthetic rooms: boards, tiles, carpet, and the garden outside."""

import cv2
import numpy as np

from functions.inference.engines.render.furnish.textures import fractal
from functions.inference.vision.arrays import Array
from functions.inference.vision.colour import hex_colour
from tests.support.rooms.plans import Plan, Rng


def floor_texture(plan: Plan, rng: Rng) -> Array:
    if plan.floor == "carpet":
        base = hex_colour(plan.plank) * np.ones((512, 512, 3), np.float32)
        value = 1 + 0.07 * rng.normal(size=(512, 512, 1)) + 0.03 * fractal(512, rng, 4, 6)[..., None]
        return np.clip(base * value, 0, 1).astype(np.float32)
    if plan.floor == "tile":
        image = hex_colour(plan.plank) * (1 + 0.02 * fractal(1024, rng, 5, 4))[..., None]
        for k in range(0, 1024, 256):
            image[k : k + 5] *= 0.75
            image[:, k : k + 5] *= 0.75
        return np.clip(image, 0, 1).astype(np.float32)
    return planks(hex_colour(plan.plank), rng)


def planks(colour: Array, rng: Rng, rows: int = 14, n: int = 2048) -> Array:
    """Floorboards of uneven tone and length, with dark joints; tiles."""
    image = np.zeros((n, n, 3), np.float32)
    height = n // rows
    for row in range(rows):
        start = int(rng.integers(n))
        cuts = np.sort((start + np.cumsum(rng.uniform(0.28, 0.5, 3) * n).astype(int)) % n)
        for k, cut in enumerate(cuts):
            length = int((cuts[(k + 1) % 3] - cut) % n) or n
            board = wood(colour * rng.uniform(0.86, 1.1), rng, 256, 0.09)
            tall = cv2.resize(board, (n // 2, height * 4))[: height * 1]
            board = np.asarray(cv2.resize(tall, (length, height), interpolation=cv2.INTER_CUBIC), np.float32)
            columns = (np.arange(length) + cut) % n
            image[row * height : (row + 1) * height, columns] = board
            image[row * height : (row + 1) * height, columns[:2]] *= 0.62
        image[row * height : row * height + 2] *= 0.58
    image[rows * height :] = image[: n - rows * height]
    return np.clip(image, 0, 1)


def wood(colour: Array, rng: Rng, n: int, contrast: float) -> Array:
    """Straight grain along the first texture axis."""
    fine, coarse = fractal(n, rng, 5, 2, (12, 0.5)), fractal(n, rng, 3, 2, (2, 1))
    ring = np.sin(fine * 2.2 + coarse * 1.1) * 0.5 + fine * 0.35
    out = np.clip(colour * (1 + contrast * ring)[..., None], 0, 1)
    out[..., 2] *= 1 - 0.06 * ring
    return np.asarray(np.clip(out, 0, 1), np.float32)


def outside(rng: Rng, n: int = 256) -> Array:
    """What lies beyond the window: a soft hedge under a bright sky. Linear."""
    y = np.linspace(0, 1, n, dtype=np.float32)[:, None]
    hedge = 0.52 + 0.10 * fractal(n, rng, 4, 3)[:1] * 0.6
    leaves = 0.5 + 0.35 * fractal(n, rng, 5, 8)
    green = np.array([0.16, 0.26, 0.10]) * np.clip(leaves, 0.1, 1.4)[..., None] * 2.2
    sky = np.array([0.80, 0.90, 1.0]) * (1.5 + 1.3 * (1 - y))[..., None]
    share = np.clip((y - hedge) / 0.05, 0, 1)[..., None]
    return np.asarray(cv2.GaussianBlur((sky * (1 - share) + green * share).astype(np.float32), (0, 0), 2.2), np.float32)
