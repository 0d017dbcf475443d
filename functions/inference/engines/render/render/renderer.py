"""Path tracing of a furnished room: its light with and without the furniture, and how far each pixel is furniture.

Furniture is traced pixel by pixel; the room around it, which only lends its shadows, at half the resolution; the empty
room, which is smooth, at a quarter.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import drjit as dr
import mitsuba as mi
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.furnish.layout import Arrangement
from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.styles import StyleSpec
from functions.inference.engines.render.read.camera import Floats
from functions.inference.engines.render.read.light import Light
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.render import scene as scenes
from functions.inference.engines.render.render.denoise import denoise
from functions.inference.engines.render.render.nearness import Nearness
from functions.inference.engines.render.render.scene import Scene, View
from functions.inference.vision.colour import Array
from vitrine.contracts.catalogue import Quality

PATHS_PER_PASS = 1_800_000  # keeps Dr.Jit's wavefront arrays below a few hundred MB
RAYS_PER_PASS = 2_500_000
LARGE_FILM = 500_000  # pixels; below it, giving memory back costs more time than it is worth
EMPTY_REDUCTION = 4
EMPTY_SAMPLES = 16
BRIGHTEST = 24.0  # radiance above it is a firefly
SHADE_GLOW = np.array([1.0, 0.86, 0.66], np.float32) * 0.5  # a lit lampshade; what it lights is left out
CROP_PADDING = 8

Bools = NDArray[np.bool_]
Check = Callable[[float], None]


@dataclass(frozen=True)
class Effort:
    """How much work a quality is worth: longest side rendered, paths in all and per pixel, path depth.

    `grid` squared rays find a pixel's share of furniture; `denoiser` is OIDN's quality.
    """

    longest: int
    paths: int
    fewest: int
    most: int
    depth: int
    grid: int = 4
    denoiser: str = "high"


EFFORTS = {
    Quality.PREVIEW: Effort(640, 450_000, 3, 8, 3, grid=3, denoiser="fast"),
    Quality.STANDARD: Effort(2048, 2_600_000, 4, 16, 4),
    Quality.PREMIUM: Effort(3072, 24_000_000, 16, 64, 6),
}
SLOW_EFFORT = Effort(640, 300_000, 2, 4, 3)  # without LLVM a path costs about fifteen times as much


@dataclass(frozen=True)
class Rendering:
    """Linear light of the crop of a `view`: `furnished` and `empty` (h x w x 3), `coverage` of furniture 0 to 1.

    `near` is 1 where the furniture's surroundings may change and 0 where they may not.
    """

    view: View
    furnished: Array
    empty: Array
    coverage: Array
    near: Array
    samples: int
    timings: dict[str, float]


def _furniture_box(room: Room, arrangement: Arrangement) -> Floats:
    """Left, top, right, bottom of all furniture in pixels of the room's camera."""
    vertices = np.concatenate([part.vertices for part in arrangement.mesh.parts])
    pixels, depth = room.project(vertices)
    pixels = pixels[depth > 0.05]
    return np.r_[pixels.min(0), pixels.max(0)] if len(pixels) else np.zeros(4)


def crop_around(box: Floats, near: Array, width: int, height: int) -> tuple[int, int, int, int]:
    """The part of a film that furniture (`box`, in its pixels) and its surroundings (`near`, any size) reach."""
    rows, columns = np.flatnonzero(near.max(1) > 0), np.flatnonzero(near.max(0) > 0)
    if len(rows) and len(columns):
        scale = np.array([width / near.shape[1], height / near.shape[0]] * 2)
        around = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]) * scale
        box = np.r_[np.minimum(box[:2], around[:2]), np.maximum(box[2:], around[2:])]
    step = EMPTY_REDUCTION
    limit = -(-np.array([width, height]) // step)  # the last cells may reach over the edge
    low = np.clip(np.floor((box[:2] - CROP_PADDING) / step), 0, limit - 1).astype(int)
    high = np.clip(np.ceil((box[2:] + CROP_PADDING) / step), low + 1, limit).astype(int)
    return int(low[0] * step), int(low[1] * step), int(high[0] * step), int(high[1] * step)


def _grown(mask: Bools, by: int = 1) -> Bools:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((2 * by + 1,) * 2, np.uint8)) > 0)


def _resized(image: Array, shape: tuple[int, int], how: int = cv2.INTER_LINEAR) -> Array:
    return np.asarray(cv2.resize(image, shape[::-1], interpolation=how), np.float32)


def _opaque(kind: Any, value: float) -> Any:
    """A number that is passed to the compiled kernel, not compiled into it."""
    return dr.opaque(kind, value)


def _number(shape: Any) -> Any:
    """A shape pointer's number in Mitsuba's registry."""
    kind: Any = mi.UInt32
    return dr.reinterpret_array(kind, shape)


class _Tracer:
    """Traces chosen cells (pixels, or squares of `size` pixels) of a scene's whole film."""

    def __init__(self, scene: Scene, view: View) -> None:
        self._scene, self._view = scene, view
        self._sensor, self._integrator = scene.sensors()[0], scene.integrator()

    def _ray(self, cells: Any, size: int, dx: Any, dy: Any) -> Any:
        """Rays through cells. Numbers that differ between photos are opaque: a literal would be compiled in."""
        view = self._view
        columns = _opaque(mi.UInt32, view.shape[1] // size)
        # In widths of the picture, for a square film around its middle.
        step, left = _opaque(mi.Float, size / view.width), _opaque(mi.Float, view.crop[0] / view.width)
        top = _opaque(mi.Float, (view.crop[1] - view.height / 2) / view.width + 0.5)
        x = (mi.Float(cells % columns) + dx) * step + left
        y = (mi.Float(cells // columns) + dy) * step + top
        ray, _ = self._sensor.sample_ray(0.0, 0.5, mi.Point2f(x, y), mi.Point2f(0.5))
        return ray

    def light(self, cells: NDArray[np.int64], size: int, spp: int, seed: int, check: Check) -> Array:
        """n x 3: mean radiance of each cell; `check` gets the share done after every pass."""
        per_pass = max(1, PATHS_PER_PASS // max(len(cells), 1))
        total, done = np.zeros((len(cells), 3), np.float32), 0
        while done < spp and len(cells):
            count = min(per_pass, spp - done)
            total += self._light_pass(cells, size, count, seed * 1024 + done) * count
            done += count
            check(done / spp)
        return np.asarray(total / max(spp, 1), np.float32)

    def _light_pass(self, cells: NDArray[np.int64], size: int, spp: int, seed: int) -> Array:
        index = dr.arange(mi.UInt32, len(cells) * spp)
        sampler = mi.load_dict({"type": "independent"})
        sampler.seed(_opaque(mi.UInt32, seed % (1 << 32)), len(cells) * spp)
        jitter = sampler.next_2d()
        many = _opaque(mi.UInt32, spp)
        cell = dr.gather(mi.UInt32, mi.UInt32(cells.astype(np.uint32)), index // many)
        ray = self._ray(cell, size, (mi.Float(index % many) + jitter.x) / mi.Float(many), jitter.y)
        radiance, _, _ = self._integrator.sample(self._scene, sampler, ray)
        return _means([dr.minimum(channel, BRIGHTEST) for channel in radiance], spp)

    def surface(self, cells: NDArray[np.int64], size: int, grid: int, ours: dict[int, float]) -> Array:
        """n x 8: share of `grid` squared rays that hit a shape of `ours`, its glow, mean albedo, mean normal."""
        step = max(1, RAYS_PER_PASS // grid**2)
        parts = [self._surface_pass(cells[i : i + step], size, grid, ours) for i in range(0, len(cells), step)]
        return np.concatenate(parts) if parts else np.zeros((0, 8), np.float32)

    def _surface_pass(self, cells: NDArray[np.int64], size: int, grid: int, ours: dict[int, float]) -> Array:
        rays = grid * grid
        index = dr.arange(mi.UInt32, len(cells) * rays)
        many, side = _opaque(mi.UInt32, rays), _opaque(mi.UInt32, grid)
        cell = dr.gather(mi.UInt32, mi.UInt32(cells.astype(np.uint32)), index // many)
        across, down = mi.Float(index % side), mi.Float(index % many // side)
        ray = self._ray(cell, size, (across + 0.5) / mi.Float(side), (down + 0.5) / mi.Float(side))
        hit = self._scene.ray_intersect(ray)
        table = np.zeros(max(ours, default=0) + 2, np.float32)
        glow = table.copy()
        for shape_id, radiance in ours.items():
            table[shape_id], glow[shape_id] = 1, radiance
        last: Any = _opaque(mi.UInt32, len(table) - 1)
        shape = dr.minimum(_number(hit.shape), last)
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


def _spread(cells: NDArray[np.int64], values: Array, shape: tuple[int, int]) -> Array:
    """Cell values as an image, zero elsewhere."""
    out = np.zeros((shape[0] * shape[1], values.shape[1]), np.float32)
    out[cells] = values
    return out.reshape(*shape, -1)


def _glow_by_id(furniture: dict[str, Any]) -> dict[int, float]:
    """1 for the registry number of the lampshades, 0 for the other pieces'."""
    return {int(_number(mi.ShapePtr(mesh))[0]): float(name.endswith("shade")) for name, mesh in furniture.items()}


@dataclass(frozen=True)
class _Surfaces:
    """First hits of a view: coverage, glow, albedo, normal; `full` where `traced`, `half` for squares of 2 x 2."""

    full: Array
    half: Array
    traced: Bools


def _surfaces(tracer: _Tracer, shape: tuple[int, int], ours: dict[int, float], grid: int) -> _Surfaces:
    half_shape = shape[0] // 2, shape[1] // 2
    half = tracer.surface(np.arange(half_shape[0] * half_shape[1]), 2, 2, ours).reshape(*half_shape, 8)
    touched = _grown(half[..., 0] > 0)
    traced = np.repeat(np.repeat(touched, 2, 0), 2, 1)
    cells = np.flatnonzero(traced)
    fine = _spread(cells, tracer.surface(cells, 1, grid, ours), shape)
    coarse = np.repeat(np.repeat(half, 2, 0), 2, 1)
    coarse[..., :2] = 0
    return _Surfaces(np.where(traced[..., None], fine, coarse), half, traced)


def _around(work: "_Work", tracer: _Tracer, surfaces: _Surfaces, empty: Array, furniture: Array, spp: int) -> Array:
    """The room around the furniture at half resolution, denoised; where nothing may change, the empty room."""
    shape = surfaces.half.shape[:2]
    # Three of four hits on furniture: the full-resolution picture covers such a square.
    covered = surfaces.half[..., 0] > 0.99
    wanted = (_resized(work.near, shape, cv2.INTER_AREA) > 0) & ~covered
    cells = np.flatnonzero(wanted)
    traced = _spread(cells, tracer.light(cells, 2, spp, work.seed + 2, work.part(0.7, 0.9)), shape)
    image = np.where(wanted[..., None], traced, _resized(empty, shape))
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


def _samples(effort: Effort, cells: int) -> int:
    return int(np.clip(effort.paths // max(cells, 1), effort.fewest, effort.most))


class _Timer:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step], self._last = now - self._last, now


def _view(room: Room, arrangement: Arrangement, near: Array, effort: Effort) -> View:
    longest = max(room.camera.width, room.camera.height)
    scale = min(1.0, effort.longest / longest)
    width, height = (max(EMPTY_REDUCTION, round(v * scale)) for v in (room.camera.width, room.camera.height))
    box = _furniture_box(room, arrangement) * (width / room.camera.width)
    return View(room, width, height, crop_around(box, near, width, height))


@dataclass(frozen=True)
class _Work:
    """What a tracer works on. `over` is the middle of the group; `check` gets the share done, and may raise to stop."""

    view: View
    mesh: Mesh
    light: Light
    style: StyleSpec
    over: Floats
    near: Array
    seed: int
    effort: Effort
    check: Check
    timer: _Timer

    def scene(self, furniture: dict[str, Any]) -> Scene:
        return scenes.build(self.view, self.light, self.over, furniture, self.effort.depth)

    def objects(self) -> dict[str, Any]:
        return scenes.objects(self.mesh, self.style, self.seed)

    def part(self, start: float, end: float) -> Check:
        """`check` for a stage that takes the progress from `start` to `end`."""
        return lambda share: self.check(start + (end - start) * share)


def render(
    room: Room,
    arrangement: Arrangement,
    light: Light,
    style: StyleSpec,
    nearness: Nearness,
    seed: int,
    effort: Effort,
    progress: Callable[[str, float], None],
) -> Rendering:
    """Trace a furnished room at `effort`; `progress` gets "render" with the share done, and may raise to stop."""
    view = _view(room, arrangement, nearness.whole, effort)
    work = _Work(
        view=view,
        mesh=arrangement.mesh,
        light=light,
        style=style,
        over=arrangement.frame.at(0, 1.2),
        near=nearness.at(view.width, view.height, view.crop),
        seed=seed,
        effort=effort,
        check=lambda share: progress("render", share),
        timer=_Timer(),
    )
    rendering = _trace_scalar(work) if mi.variant() == "scalar_rgb" else _trace_vector(work)
    progress("render", 1.0)
    return rendering


def _empty_room(work: _Work) -> Array:
    """Light of the room without furniture. Traced before there is any: Dr.Jit compiles in every BSDF that exists."""
    tracer, view = _Tracer(work.scene({}), work.view), work.view
    shape = view.shape[0] // EMPTY_REDUCTION, view.shape[1] // EMPTY_REDUCTION
    cells = np.arange(shape[0] * shape[1])
    surface = tracer.surface(cells, EMPTY_REDUCTION, 2, {}).reshape(*shape, 8)
    light = tracer.light(cells, EMPTY_REDUCTION, EMPTY_SAMPLES, work.seed + 1, lambda _share: None).reshape(*shape, 3)
    return _resized(denoise(light, surface[..., 2:5], surface[..., 5:8], work.effort.denoiser), view.shape)


def _trace_vector(work: _Work) -> Rendering:
    view, effort, timer = work.view, work.effort, work.timer
    empty = _empty_room(work)
    work.check(0.15)
    timer.lap("empty")
    furniture = work.objects()
    tracer = _Tracer(work.scene(furniture), view)
    timer.lap("scene")
    surfaces = _surfaces(tracer, view.shape, _glow_by_id(furniture), effort.grid)
    timer.lap("surfaces")
    cells = np.flatnonzero(surfaces.traced)
    spp = _samples(effort, len(cells))
    raw = _spread(cells, tracer.light(cells, 1, spp, work.seed, work.part(0.15, 0.7)), view.shape)
    timer.lap("furniture")
    spp_around = min(2 * spp, effort.most)
    around = _around(work, tracer, surfaces, empty, raw, spp_around)
    timer.lap("around")
    if view.shape[0] * view.shape[1] > LARGE_FILM:
        dr.flush_malloc_cache()  # what tracing is done with; the denoiser needs as much again
    image = np.where(surfaces.traced[..., None], raw, _resized(around, view.shape))
    image = _denoise_inside(image.astype(np.float32), surfaces, effort.denoiser) + surfaces.full[..., 1:2] * SHADE_GLOW
    timer.lap("denoise")
    coverage = np.ascontiguousarray(surfaces.full[..., 0])
    return Rendering(view, image, empty, coverage, work.near, spp, timer.seconds)


def _film(scene: Scene, spp: int, seed: int) -> Array:
    """h x w x 9: light, albedo, normal of a scene's film, denoised."""
    pixels = np.array(mi.render(scene, seed=mi.UInt32(seed), spp=spp), dtype=np.float32)
    return denoise(pixels[..., :3], pixels[..., 3:6], pixels[..., 6:9])


def _surfaces_scalar(scene: Scene, furniture: dict[str, Any], view: View) -> Array:
    """h x w x 2: coverage and glow, by one ray per pixel, one at a time, for the variant without vectors."""
    height, width = view.shape
    sensor, glow = scene.sensors()[0], {mesh.id(): float(name.endswith("shade")) for name, mesh in furniture.items()}
    out = np.zeros((height, width, 2), np.float32)
    for y, x in np.ndindex(height, width):
        at = mi.Point2f((x + 0.5) / width, (y + 0.5) / height)
        ray, _ = sensor.sample_ray(0.0, 0.5, at, mi.Point2f(0.5))
        hit = scene.ray_intersect(ray)
        if hit.is_valid() and hit.shape.id() in glow:
            out[y, x] = 1.0, glow[hit.shape.id()]
    return np.asarray(cv2.GaussianBlur(out, (0, 0), 0.5), np.float32)


def _trace_scalar(work: _Work) -> Rendering:
    view, timer, furniture = work.view, work.timer, work.objects()
    furnished = work.scene(furniture)
    timer.lap("scene")
    surfaces = _surfaces_scalar(furnished, furniture, view)
    timer.lap("surfaces")
    spp = _samples(work.effort, view.shape[0] * view.shape[1])
    empty = _film(work.scene({}), spp, work.seed + 1)
    work.check(0.45)
    timer.lap("empty")
    image = _film(furnished, spp, work.seed) + surfaces[..., 1:] * SHADE_GLOW
    timer.lap("furniture")
    return Rendering(view, image, empty, np.ascontiguousarray(surfaces[..., 0]), work.near, spp, timer.seconds)
