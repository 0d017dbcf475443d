"""Tracing with LLVM: furniture pixel by pixel; the room around it, which only lends its shadows, at half the
resolution; the empty room, which is smooth, at a quarter."""

from dataclasses import dataclass
from typing import Any

import cv2
import drjit as dr
import mitsuba as mi
import numpy as np

from functions.inference.engines.render.render.denoise import denoise
from functions.inference.engines.render.render.tracer import Tracer, number, spread
from functions.inference.engines.render.render.view import EMPTY_REDUCTION
from functions.inference.engines.render.render.work import SHADE_GLOW, Rendering, Work
from functions.inference.vision.arrays import Array, Bools

LARGE_FILM = 500_000  # pixels; below it, giving memory back costs more time than it is worth
EMPTY_SAMPLES = 16


def _grown(mask: Bools, by: int = 1) -> Bools:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((2 * by + 1,) * 2, np.uint8)) > 0)


def _resized(image: Array, shape: tuple[int, int], how: int = cv2.INTER_LINEAR) -> Array:
    return np.asarray(cv2.resize(image, shape[::-1], interpolation=how), np.float32)


def _glow_by_id(furniture: dict[str, Any]) -> dict[int, float]:
    """1 for the registry number of the lampshades, 0 for the other pieces'."""
    return {int(number(mi.ShapePtr(mesh))[0]): float(name.endswith("shade")) for name, mesh in furniture.items()}


@dataclass(frozen=True)
class _Surfaces:
    """First hits of a view: coverage, glow, albedo, normal; `full` where `traced`, `half` for squares of 2 x 2."""

    full: Array
    half: Array
    traced: Bools


def _surfaces(tracer: Tracer, shape: tuple[int, int], ours: dict[int, float], grid: int) -> _Surfaces:
    half_shape = shape[0] // 2, shape[1] // 2
    half = tracer.surface(np.arange(half_shape[0] * half_shape[1]), 2, 2, ours).reshape(*half_shape, 8)
    touched = _grown(half[..., 0] > 0)
    traced = np.repeat(np.repeat(touched, 2, 0), 2, 1)
    cells = np.flatnonzero(traced)
    fine = spread(cells, tracer.surface(cells, 1, grid, ours), shape)
    coarse = np.repeat(np.repeat(half, 2, 0), 2, 1)
    coarse[..., :2] = 0
    return _Surfaces(np.where(traced[..., None], fine, coarse), half, traced)


def _around(work: Work, tracer: Tracer, surfaces: _Surfaces, empty: Array, furniture: Array, spp: int) -> Array:
    """The room around the furniture at half resolution, denoised; where nothing may change, the empty room."""
    shape = surfaces.half.shape[:2]
    # Three of four hits on furniture: the full-resolution picture covers such a square.
    covered = surfaces.half[..., 0] > 0.99
    needed = (_resized(work.near, shape, cv2.INTER_AREA) > 0) & ~covered
    cells = np.flatnonzero(needed)
    traced = spread(cells, tracer.light(cells, 2, spp, work.what.seed + 2, work.part(0.7, 0.9)), shape)
    image = np.where(needed[..., None], traced, _resized(empty, shape))
    image = np.where(covered[..., None], _resized(furniture, shape, cv2.INTER_AREA), image)
    return denoise(image.astype(np.float32), surfaces.half[..., 2:5], surfaces.half[..., 5:8], work.effort.denoiser)


def _denoise_inside(image: Array, surfaces: _Surfaces, quality: str) -> Array:
    """Denoise the bounding box of the traced pixels."""
    rows, columns = np.flatnonzero(surfaces.traced.any(1)), np.flatnonzero(surfaces.traced.any(0))
    if not len(rows):
        return image
    box = slice(max(0, rows[0] - 8), rows[-1] + 9), slice(max(0, columns[0] - 8), columns[-1] + 9)
    out = image.copy()
    out[box] = denoise(image[box], surfaces.full[box][..., 2:5], surfaces.full[box][..., 5:8], quality)
    return out


def _empty_room(work: Work) -> Array:
    """Light of the room without furniture. Traced before there is any: Dr.Jit compiles in every BSDF that exists."""
    tracer, view = Tracer(work.scene({}), work.view), work.view
    shape = view.shape[0] // EMPTY_REDUCTION, view.shape[1] // EMPTY_REDUCTION
    cells = np.arange(shape[0] * shape[1])
    surface = tracer.surface(cells, EMPTY_REDUCTION, 2, {}).reshape(*shape, 8)
    light = tracer.light(cells, EMPTY_REDUCTION, EMPTY_SAMPLES, work.what.seed + 1, lambda _share: None)
    light = light.reshape(*shape, 3)
    return _resized(denoise(light, surface[..., 2:5], surface[..., 5:8], work.effort.denoiser), view.shape)


def trace(work: Work) -> Rendering:
    """The empty room first, then furniture and surroundings; all of it denoised."""
    empty = _empty_room(work)
    work.check(0.15)
    work.timer.lap("empty")
    furniture = work.objects()
    tracer = Tracer(work.scene(furniture), work.view)
    work.timer.lap("scene")
    surfaces = _surfaces(tracer, work.view.shape, _glow_by_id(furniture), work.effort.grid)
    work.timer.lap("surfaces")
    light, samples = _furniture_light(work, tracer, surfaces)
    work.timer.lap("furniture")
    around = _around(work, tracer, surfaces, empty, light, min(2 * samples, work.effort.most))
    work.timer.lap("around")
    furnished = _joined(work, surfaces, light, around)
    work.timer.lap("denoise")
    coverage = np.ascontiguousarray(surfaces.full[..., 0])
    return Rendering(work.view, furnished, empty, coverage, work.near, samples, work.timer.seconds)


def _furniture_light(work: Work, tracer: Tracer, surfaces: _Surfaces) -> tuple[Array, int]:
    """Light of the pixels that furniture touches, zero elsewhere, and the paths traced for each."""
    cells = np.flatnonzero(surfaces.traced)
    samples = work.effort.samples(len(cells))
    light = tracer.light(cells, 1, samples, work.what.seed, work.part(0.15, 0.7))
    return spread(cells, light, work.view.shape), samples


def _joined(work: Work, surfaces: _Surfaces, light: Array, around: Array) -> Array:
    """The whole crop: denoised furniture before its surroundings, and lampshades that glow."""
    height, width = work.view.shape
    if height * width > LARGE_FILM:
        dr.flush_malloc_cache()  # what tracing is done with; the denoiser needs as much again
    image = np.where(surfaces.traced[..., None], light, _resized(around, work.view.shape)).astype(np.float32)
    denoised = _denoise_inside(image, surfaces, work.effort.denoiser)
    return np.asarray(denoised + surfaces.full[..., 1:2] * SHADE_GLOW, np.float32)
