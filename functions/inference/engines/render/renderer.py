"""Path tracing of a furnished room: its light with and without the furniture, and how far each pixel is furniture."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import drjit as dr
import mitsuba as mi
import numpy as np

from functions.inference.engines.render import scene as scenes
from functions.inference.engines.render.colour import Array
from functions.inference.engines.render.denoise import denoise
from functions.inference.engines.render.floorplan import Placed
from functions.inference.engines.render.layout import Arrangement
from functions.inference.engines.render.light import Light
from functions.inference.engines.render.meshes.builder import Mesh
from functions.inference.engines.render.room import Room
from functions.inference.engines.render.scene import Scene, View
from functions.inference.engines.render.styles import StyleSpec
from vitrine.contracts.catalogue import Quality

SAMPLES_PER_PASS = 3_000_000  # keeps Dr.Jit's wavefront arrays below a few hundred MB
EMPTY_ROOM_REDUCTION = 4
COVERAGE_GRID = 4  # squared: rays per pixel
MARGIN_M = 1.0  # around furniture: shadows beyond it are left out


@dataclass(frozen=True)
class Effort:
    """How much work a quality is worth: longest side rendered, path samples in all and per pixel, path depth."""

    longest: int
    samples: int
    fewest: int
    most: int
    depth: int


EFFORTS = {
    Quality.PREVIEW: Effort(640, 700_000, 2, 6, 3),
    Quality.STANDARD: Effort(2048, 5_000_000, 4, 12, 4),
    Quality.PREMIUM: Effort(3072, 40_000_000, 16, 48, 5),
}
SLOW_EFFORT = Effort(800, 900_000, 2, 4, 3)  # without LLVM every sample costs about fifteen times as much


@dataclass(frozen=True)
class Rendering:
    """Linear light of the crop of a `view`: `furnished` and `empty` (h x w x 3), `coverage` of furniture 0 to 1."""

    view: View
    furnished: Array
    empty: Array
    coverage: Array
    samples: int
    timings: dict[str, float]


def _whole_pixels(low: float, high: float, limit: int, step: int) -> tuple[int, int]:
    first = int(np.clip(np.floor(low / step) * step, 0, limit - step))
    last = int(np.clip(np.ceil(high / step) * step, first + step, limit // step * step))
    return first, last


def _points_around(piece: Placed) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Corners of a piece's surroundings, MARGIN_M away on the floor."""
    middle = piece.footprint.mean(0)
    away = piece.footprint - middle
    wide = middle + away * (1 + MARGIN_M / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 0.1))
    return np.r_[np.c_[wide, np.zeros(len(wide))], np.c_[piece.footprint, np.full(len(wide), piece.height + 0.2)]]


def crop_around(room: Room, arrangement: Arrangement, width: int, height: int) -> tuple[int, int, int, int]:
    """The part of a film that furniture and its surroundings can reach, in steps of EMPTY_ROOM_REDUCTION pixels."""
    factor = width / room.camera.width
    points = np.concatenate([_points_around(piece) for piece in arrangement.pieces])
    points = points[points[:, 1] > 0.2]
    pixels, depth = room.project(points)
    pixels = pixels[depth > 0.1] * factor
    if not len(pixels):
        return 0, 0, width // 4 * 4, height // 4 * 4
    (x0, y0), (x1, y1) = pixels.min(0), pixels.max(0)
    left, right = _whole_pixels(x0, x1, width, EMPTY_ROOM_REDUCTION)
    top, bottom = _whole_pixels(y0, y1, height, EMPTY_ROOM_REDUCTION)
    return left, top, right, bottom


def _trace(scene: Scene, shape: tuple[int, int], spp: int, seed: int, check: Callable[[float], None]) -> Array:
    """h x w x 9 channels (light, albedo, normal) averaged over passes that fit in memory."""
    pixels = shape[0] * shape[1]
    passes = max(1, -(-pixels * spp // SAMPLES_PER_PASS))
    share = [spp // passes + (1 if i < spp % passes else 0) for i in range(passes)]
    share = [s for s in share if s > 0]
    total = np.zeros((*shape, 9), np.float32)
    for i, samples in enumerate(share):
        total += np.array(mi.render(scene, seed=seed * 64 + i, spp=samples), dtype=np.float32)[..., :9] * samples
        check((i + 1) / len(share))
    return total / spp


def _primary_rays(scene: Scene, shape: tuple[int, int], n: int) -> Any:
    """n x n rays per pixel on a regular grid, pixel by pixel."""
    height, width = shape
    index = dr.arange(mi.UInt32, height * width * n * n)
    pixel, sub = index // (n * n), index % (n * n)
    x = mi.Float(pixel % width) + (mi.Float(sub % n) + 0.5) / n
    y = mi.Float(pixel // width) + (mi.Float(sub // n) + 0.5) / n
    position = mi.Point2f(x / width, y / height)
    ray, _ = scene.sensors()[0].sample_ray(0.0, 0.5, position, mi.Point2f(0.5))
    return ray


def _coverage_band(scene: Scene, furniture: list[Any], shape: tuple[int, int], n: int) -> Array:
    hit = scene.ray_intersect_preliminary(_primary_rays(scene, shape, n))
    ours = mi.Bool(False)
    for mesh in furniture:
        ours |= hit.shape == mi.ShapePtr(mesh)
    share = dr.block_sum(dr.select(ours & hit.is_valid(), mi.Float(1), mi.Float(0)), n * n) / (n * n)
    return np.array(share, dtype=np.float32).reshape(shape)


def _coverage_scalar(scene: Scene, furniture: list[Any], shape: tuple[int, int]) -> Array:
    """The same with one ray per pixel, one at a time, for the variant without vectors."""
    height, width = shape
    sensor, ids = scene.sensors()[0], {mesh.id() for mesh in furniture}
    out = np.zeros(shape, np.float32)
    for y in range(height):
        for x in range(width):
            at = mi.Point2f((x + 0.5) / width, (y + 0.5) / height)
            ray, _ = sensor.sample_ray(0.0, 0.5, at, mi.Point2f(0.5))
            hit = scene.ray_intersect_preliminary(ray)
            out[y, x] = float(hit.is_valid() and hit.shape.id() in ids)
    return cv2.GaussianBlur(out, (0, 0), 0.5)


def coverage(scene: Scene, furniture: list[Any], shape: tuple[int, int]) -> Array:
    """Share of each pixel of the scene's crop that shows one of the meshes."""
    if mi.variant().startswith("scalar"):
        return _coverage_scalar(scene, furniture, shape)
    return _coverage_band(scene, furniture, shape, COVERAGE_GRID)


def _samples(effort: Effort, pixels: int) -> int:
    return int(np.clip(effort.samples // max(pixels, 1), effort.fewest, effort.most))


def render(
    room: Room,
    arrangement: Arrangement,
    light: Light,
    style: StyleSpec,
    seed: int,
    effort: Effort,
    progress: Callable[[str, float], None],
) -> Rendering:
    """Trace a furnished room at `effort`; `progress` gets "render" with the share done, and may raise to stop."""
    longest = max(room.camera.width, room.camera.height)
    scale = min(1.0, effort.longest / longest)
    width, height = (max(EMPTY_ROOM_REDUCTION, round(v * scale)) for v in (room.camera.width, room.camera.height))
    view = View(room, width, height, crop_around(room, arrangement, width, height))
    timings, start = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal start
        timings[name], start = time.perf_counter() - start, time.perf_counter()

    over = arrangement.frame.at(0, 1.2)
    mesh: Mesh = arrangement.mesh
    furniture = scenes.objects(mesh, style, seed)
    with_furniture = scenes.build(view, light, over, furniture, effort.depth)
    small = view.reduced(EMPTY_ROOM_REDUCTION)
    without = scenes.build(small, light, over, {}, effort.depth)
    lap("scene")
    share = coverage(with_furniture, list(furniture.values()), view.shape)
    lap("coverage")
    spp = _samples(effort, view.shape[0] * view.shape[1])
    full = _trace(with_furniture, view.shape, spp, seed, lambda done: progress("render", 0.8 * done))
    lap("furnished")
    bare = _trace(without, small.shape, 4 * spp, seed + 1, lambda done: progress("render", 0.8 + 0.15 * done))
    lap("empty")
    furnished = denoise(full[..., :3], full[..., 3:6], full[..., 6:9])
    empty = denoise(bare[..., :3], bare[..., 3:6], bare[..., 6:9])
    empty = cv2.resize(empty, view.shape[::-1], interpolation=cv2.INTER_LINEAR)
    lap("denoise")
    progress("render", 1.0)
    return Rendering(view, furnished, empty, share, spp, timings)
