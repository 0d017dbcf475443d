"""Rays through chosen cells of a scene's film, with Mitsuba's LLVM variant.

What is a Python number here would become part of a compiled kernel; what differs between photos is opaque instead, so
that every photo finds its kernels in the cache.
"""

from typing import Any

import drjit as dr
import mitsuba as mi
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.render.scene import Scene
from functions.inference.engines.render.render.view import Film
from functions.inference.engines.render.render.work import Check
from functions.inference.vision.arrays import Array

PATHS_PER_PASS = 1_800_000  # keeps Dr.Jit's wavefront arrays below a few hundred MB
RAYS_PER_PASS = 2_500_000
BRIGHTEST = 24.0  # radiance above it is a firefly

Cells = NDArray[np.int64]
"""Row-major numbers of pixels, or of squares of pixels, in a view's crop."""


def opaque(kind: Any, value: float) -> Any:
    """A number that is passed to the compiled kernel, not compiled into it."""
    return dr.opaque(kind, value)


def number(shape: Any) -> Any:
    """A shape pointer's number in Mitsuba's registry."""
    kind: Any = mi.UInt32
    return dr.reinterpret_array(kind, shape)


class Tracer:
    """Traces chosen cells (pixels, or squares of `size` pixels) of a scene's whole film.

    A path's radiance counts up to `brightest`; what differs between scenes is passed opaque.
    """

    def __init__(self, scene: Scene, view: Film, brightest: Any = BRIGHTEST) -> None:
        self._scene, self._view, self._brightest = scene, view, brightest
        self._sensor, self._integrator = scene.sensors()[0], scene.integrator()

    def _ray(self, cells: Any, size: int, dx: Any, dy: Any) -> Any:
        """Rays through cells. Numbers that differ between photos are opaque: a literal would be compiled in."""
        view = self._view
        columns = opaque(mi.UInt32, view.shape[1] // size)
        # In widths of the picture, for a square film around its middle.
        step, left = opaque(mi.Float, size / view.width), opaque(mi.Float, view.crop[0] / view.width)
        top = opaque(mi.Float, (view.crop[1] - view.height / 2) / view.width + 0.5)
        x = (mi.Float(cells % columns) + dx) * step + left
        y = (mi.Float(cells // columns) + dy) * step + top
        ray, _ = self._sensor.sample_ray(0.0, 0.5, mi.Point2f(x, y), mi.Point2f(0.5))
        return ray

    def light(self, cells: Cells, size: int, spp: int, seed: int, check: Check) -> Array:
        """n x 3: mean radiance of each cell; `check` gets the share done after every pass."""
        per_pass = max(1, PATHS_PER_PASS // max(len(cells), 1))
        total, done = np.zeros((len(cells), 3), np.float32), 0
        while done < spp and len(cells):
            count = min(per_pass, spp - done)
            total += self._light_pass(cells, size, count, seed * 1024 + done) * count
            done += count
            check(done / spp)
        return np.asarray(total / max(spp, 1), np.float32)

    def _light_pass(self, cells: Cells, size: int, spp: int, seed: int) -> Array:
        index = dr.arange(mi.UInt32, len(cells) * spp)
        sampler = mi.load_dict({"type": "independent"})
        sampler.seed(opaque(mi.UInt32, seed % (1 << 32)), len(cells) * spp)
        jitter = sampler.next_2d()
        many = opaque(mi.UInt32, spp)
        cell = dr.gather(mi.UInt32, mi.UInt32(cells.astype(np.uint32)), index // many)
        ray = self._ray(cell, size, (mi.Float(index % many) + jitter.x) / mi.Float(many), jitter.y)
        radiance, _, _ = self._integrator.sample(self._scene, sampler, ray)
        return _means([dr.minimum(channel, self._brightest) for channel in radiance], spp)

    def surface(self, cells: Cells, size: int, grid: int, ours: dict[int, float]) -> Array:
        """n x 8: share of `grid` squared rays that hit a shape of `ours`, its glow, mean albedo, mean normal."""
        step = max(1, RAYS_PER_PASS // grid**2)
        parts = [self._surface_pass(cells[i : i + step], size, grid, ours) for i in range(0, len(cells), step)]
        return np.concatenate(parts) if parts else np.zeros((0, 8), np.float32)

    def _surface_pass(self, cells: Cells, size: int, grid: int, ours: dict[int, float]) -> Array:
        rays = grid * grid
        index = dr.arange(mi.UInt32, len(cells) * rays)
        many, side = opaque(mi.UInt32, rays), opaque(mi.UInt32, grid)
        cell = dr.gather(mi.UInt32, mi.UInt32(cells.astype(np.uint32)), index // many)
        across, down = mi.Float(index % side), mi.Float(index % many // side)
        ray = self._ray(cell, size, (across + 0.5) / mi.Float(side), (down + 0.5) / mi.Float(side))
        hit = self._scene.ray_intersect(ray)
        table = np.zeros(max(ours, default=0) + 2, np.float32)
        glow = table.copy()
        for shape_id, radiance in ours.items():
            table[shape_id], glow[shape_id] = 1, radiance
        last: Any = opaque(mi.UInt32, len(table) - 1)
        shape = dr.minimum(number(hit.shape), last)
        flag, lit = dr.gather(mi.Float, mi.Float(table), shape), dr.gather(mi.Float, mi.Float(glow), shape)
        albedo = hit.bsdf(ray).eval_diffuse_reflectance(hit, hit.is_valid())
        channels = [flag, lit, *albedo, *hit.sh_frame.n]
        return _means([dr.select(hit.is_valid(), channel, 0) for channel in channels], rays)


def _means(channels: list[Any], count: int) -> Array:
    """Channels averaged over runs of `count`, as columns. All at once first: block_sum would trace for each channel."""
    dr.eval(*channels)
    sums = [dr.block_sum(channel, count) for channel in channels]
    dr.eval(*sums)
    return np.nan_to_num(np.stack([np.array(total) for total in sums], 1) / count).astype(np.float32)


def spread(cells: Cells, values: Array, shape: tuple[int, int]) -> Array:
    """Cell values as an image, zero elsewhere."""
    out = np.zeros((shape[0] * shape[1], values.shape[1]), np.float32)
    out[cells] = values
    return out.reshape(*shape, -1)
