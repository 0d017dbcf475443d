"""Tracing without LLVM, by Mitsuba's scalar variant: the whole view at once, about fifteen times slower."""

from typing import Any

import cv2
import mitsuba as mi
import numpy as np

from functions.inference.engines.render.render.denoise import denoise
from functions.inference.engines.render.render.scene import Scene
from functions.inference.engines.render.render.view import View
from functions.inference.engines.render.render.work import SHADE_GLOW, Rendering, Work
from functions.inference.vision.arrays import Array


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


def trace(work: Work) -> Rendering:
    """The furnished and the empty view, denoised."""
    view, timer, furniture = work.view, work.timer, work.objects()
    furnished = work.scene(furniture)
    timer.lap("scene")
    surfaces = _surfaces_scalar(furnished, furniture, view)
    timer.lap("surfaces")
    spp = work.effort.samples(view.shape[0] * view.shape[1])
    empty = _film(work.scene({}), spp, work.what.seed + 1)
    work.check(0.45)
    timer.lap("empty")
    image = _film(furnished, spp, work.what.seed) + surfaces[..., 1:] * SHADE_GLOW
    timer.lap("furniture")
    return Rendering(view, image, empty, np.ascontiguousarray(surfaces[..., 0]), work.near, spp, timer.seconds)
