"""Setting rendered furniture into the photo: furniture over it, its shadows multiplied into it, nothing else.

Multiplying keeps the floor's own texture, forgives a wrong albedo, and cannot move an edge.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from functions.inference.engines.render.compose.contact import ground, seen
from functions.inference.engines.render.furnish.placed import Placed
from functions.inference.engines.render.read.light import Light
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.render.work import Rendering
from functions.inference.vision.arrays import Array, Bools, Bytes
from functions.inference.vision.colour import bytes_to_linear, linear_to_bytes, luminance

DEAD_ZONE, FULL_EFFECT = 0.03, 0.09  # relative change that is denoising error, and that is shadow
DARKEST, LIGHTEST = 0.08, 1.05
FLOOR_POWERS = (1.9, 1.45)  # the proxy floor is shinier than most, which lightens its shadows; darker ones most
FLOOR_ALBEDOS = (0.12, 0.55)
SUNLIT, LEAST_SHADED = 1.25, 0.3  # of the floor's median: direct sun, which ambient shade hardly dims
IN_SHADE = (0.2, 0.5)  # shade this deep blocks the sun as well
WALL_POWER = 0.7  # a room has more light from outside the frame than the proxy room has
WALL_BLUR = 0.004  # of the frame's width: light on walls is soft, what is finer is noise
CALM_BLUR = 0.015  # of the frame's width
FAINT = (0.08, 0.20)  # relative change that is taken broadly, and that is sharp shadow
GREY_SHARE = 0.8
SHOULDER, WHITE = 0.66, 0.96
STRIP_ROWS = 256
NOISE_TILE = 512
GRAIN_AT = 0.4  # luminance that the photo's grain is taken to be measured at


@dataclass(frozen=True)
class Edit:
    """What happens to a crop of the photo: `paint` over it by `cover`, elsewhere times `shade` (1: untouched).

    Arrays of the crop at render size; `paint` is linear and as bright as the photo. `grain` is the photo's noise.
    """

    crop: tuple[int, int, int, int]
    size: tuple[int, int]
    paint: Array
    cover: Array
    shade: Array
    grain: float = 0.0


def _window_mask(room: Room, light: Light, rendering: Rendering) -> Bools:
    """Pixels that show a light's proxy: the photo shows the true window or lamp there."""
    height, width = rendering.view.shape
    x0, y0, _, _ = rendering.view.crop
    scale = rendering.view.width / room.camera.width
    canvas = np.zeros((height, width), np.uint8)
    for window in light.windows:
        pixels, depth = room.project(window.corners)
        if (depth > 0.1).all():
            polygon = np.clip(pixels * scale - [x0, y0], -4000, 4000).astype(np.int32)
            cv2.fillConvexPoly(canvas, polygon, 1)
    return cv2.dilate(canvas, np.ones((5, 5), np.uint8)) > 0


def _blend_over(image: Array, weight: Array, sigma: float) -> Array:
    """Weighted blur: each pixel from its neighbours of high weight."""
    total = cv2.GaussianBlur(image * weight[..., None], (0, 0), sigma)
    return total / (cv2.GaussianBlur(weight, (0, 0), sigma)[..., None] + 1e-6)


def _feathered(floor: Bools) -> Array:
    """The floor mask without its steps, which come from its lower resolution."""
    sigma = max(1.5, 0.0025 * max(floor.shape))
    return np.asarray(cv2.GaussianBlur(floor.astype(np.float32), (0, 0), sigma), np.float32)


def _sunlit(ratio: Array, linear: Array, floor: Array) -> Array:
    """Shade of the floor with less of it where the sun lies: furniture takes the sky's light there, not the sun's."""
    smooth = cv2.GaussianBlur(linear, (0, 0), max(1.0, 0.004 * linear.shape[1]))
    lit = luminance(np.asarray(smooth, np.float32))
    usual = float(np.median(lit[floor > 0.5])) if (floor > 0.5).any() else 1.0
    share = np.clip(SUNLIT * usual / np.maximum(lit, 1e-4), LEAST_SHADED, 1)
    low, high = IN_SHADE
    share = 1 - (1 - share) * np.clip((ratio.mean(2) - low) / (high - low), 0, 1) * floor
    return np.asarray(1 - (1 - ratio) * share[..., None], np.float32)


def _calmed(ratio: Array, bare: Array) -> Array:
    """The ratio with its faint parts, whose noise would show as blotches, taken from a broad neighbourhood."""
    height, width = bare.shape
    weight = bare + 1e-4
    quarter = (max(1, width // 4), max(1, height // 4))
    small, mass = (cv2.resize(a, quarter, interpolation=cv2.INTER_AREA) for a in (ratio * weight[..., None], weight))
    sigma = max(1.0, CALM_BLUR * width / 4)
    broad = cv2.GaussianBlur(small, (0, 0), sigma) / (cv2.GaussianBlur(mass, (0, 0), sigma)[..., None] + 1e-6)
    broad = cv2.resize(broad, (width, height), interpolation=cv2.INTER_LINEAR)
    low, high = FAINT
    calm = np.clip((high - np.abs(1 - broad).max(2)) / (high - low), 0, 1)
    return np.asarray(ratio + (broad - ratio) * calm[..., None], np.float32)


def _ratio(rendering: Rendering, floor: Array, power: float) -> Array:
    """Light with the furniture over light without it, h x w x 3: fine on the floor, soft on walls."""
    ratio = np.clip((rendering.furnished + 0.004) / (rendering.empty + 0.004), DARKEST, LIGHTEST)
    ratio = (1 - GREY_SHARE) * ratio + GREY_SHARE * ratio.mean(2, keepdims=True)
    bare = (rendering.coverage < 0.004).astype(np.float32)
    beside = _blend_over(ratio, bare + 1e-5, 2.5)
    soft = _blend_over(ratio, bare + 1e-5, max(2.5, WALL_BLUR * rendering.view.width))
    on_floor = floor[..., None]
    fine = _calmed(np.where(bare[..., None] > 0, ratio, beside).astype(np.float32), bare)
    ratio = fine * on_floor + soft * (1 - on_floor)
    return np.asarray(np.where(ratio < 1, ratio ** (WALL_POWER + (power - WALL_POWER) * on_floor), ratio), np.float32)


def _shade(ratio: Array, rendering: Rendering, windows: Bools) -> Array:
    """What the photo is multiplied with, h x w x 3: 1 where the change is mere noise, or far from furniture."""
    change = np.clip((np.abs(ratio - 1).max(2) - DEAD_ZONE) / (FULL_EFFECT - DEAD_ZONE), 0, 1)
    ramp = change * change * (3 - 2 * change) * rendering.near
    ramp[windows] = 0
    return np.asarray(1 + (ratio - 1) * ramp[..., None], np.float32)


def _grounded(ratio: Array, rendering: Rendering, room: Room, pieces: Sequence[Placed], floor: Array) -> Array:
    """Darker where pieces touch the floor."""
    grounding = ground(pieces)
    if grounding is None:
        return ratio
    light = seen(grounding, room, rendering.view.width, rendering.view.crop)
    return np.asarray(np.maximum(ratio * (1 - (1 - light) * floor)[..., None], DARKEST), np.float32)


def _exposure(rendering: Rendering, light: Light, floor: Bools, linear: Array) -> float:
    """Photo light per unit of rendered light: from the floor around the group, tempered by the walls."""
    empty = rendering.empty.mean(2)
    usable = (empty < 1.2) & (rendering.coverage < 0.01)
    walls = usable & ~floor
    by_wall = float(light.wall.mean()) / max(float(np.median(empty[walls])) if walls.sum() > 500 else 0.5, 1e-3)
    ground = usable & floor
    if ground.sum() < 500:
        return float(np.clip(by_wall, 0.05, 20))
    by_floor = float(np.median(linear.mean(2)[ground]) / max(float(np.median(empty[ground])), 1e-3))
    return float(np.clip(by_floor * np.clip((by_wall / by_floor) ** 0.3, 0.8, 1.25), 0.05, 20))


def _paint(rendering: Rendering, exposure: float) -> Array:
    """Furniture as bright as the photo, highlights rolled off, its edges free of what lies behind."""
    light = rendering.furnished * exposure
    peak = light.max(2, keepdims=True)
    rolled = light * (SHOULDER + (WHITE - SHOULDER) * np.tanh((peak - SHOULDER) / 0.5)) / np.maximum(peak, 1e-6)
    light = np.where(peak > SHOULDER, rolled, light)
    inner = _blend_over(light, rendering.coverage**4 + 1e-6, 1.2)
    edge = np.clip((0.98 - rendering.coverage) / 0.3, 0, 1)[..., None]
    return np.asarray(light * (1 - edge) + inner * edge, np.float32)


def _grain(linear: Array) -> float:
    grey = linear.mean(2)
    return min(float(np.median(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.2))) * 1.48), 0.01)


def _cropped(image: Bytes, crop: tuple[int, int, int, int]) -> Bytes:
    """A crop that may reach a few pixels over the right and lower edge."""
    x0, y0, x1, y1 = crop
    below, beside = max(0, y1 - image.shape[0]), max(0, x1 - image.shape[1])
    part = image[y0:y1, x0:x1]
    return np.asarray(cv2.copyMakeBorder(part, 0, below, 0, beside, cv2.BORDER_REPLICATE), np.uint8)


def _at_render_size(photo: Bytes, rendering: Rendering) -> Array:
    """The rendering's crop of the photo, linear."""
    size = (rendering.view.width, rendering.view.height)
    same = photo.shape[1::-1] == size
    small = photo if same else np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    return bytes_to_linear(_cropped(small, rendering.view.crop))


def edit(photo: Bytes, room: Room, light: Light, rendering: Rendering, pieces: Sequence[Placed] = ()) -> Edit:
    """The edit of a photo (at analysis size or larger, upright RGB) that a rendering of `pieces` amounts to."""
    size = (rendering.view.width, rendering.view.height)
    linear = _at_render_size(photo, rendering)
    floor = _cropped(room.floor.resized(*size).astype(np.uint8), rendering.view.crop) > 0
    paint = _paint(rendering, _exposure(rendering, light, floor, linear))
    soft_floor = _feathered(floor)
    power = float(np.interp(float(light.floor_albedo.mean()), FLOOR_ALBEDOS, FLOOR_POWERS))
    ratio = _sunlit(_ratio(rendering, soft_floor, power), linear, soft_floor)
    ratio = _grounded(ratio, rendering, room, pieces, soft_floor)
    shade = _shade(ratio, rendering, _window_mask(room, light, rendering))
    cover = np.where(rendering.coverage < 1 / 300, 0, rendering.coverage)
    return Edit(rendering.view.crop, size, paint, cover, shade, _grain(linear))


def _strips(rows: tuple[int, int]) -> Iterator[tuple[int, int]]:
    for start in range(rows[0], rows[1], STRIP_ROWS):
        yield start, min(start + STRIP_ROWS, rows[1])


def _target(edit: Edit, photo: Bytes) -> tuple[int, int, int, int]:
    """The edit's crop in the photo's own pixels."""
    fx, fy = photo.shape[1] / edit.size[0], photo.shape[0] / edit.size[1]
    x0, y0, x1, y1 = edit.crop
    return round(x0 * fx), round(y0 * fy), min(round(x1 * fx), photo.shape[1]), min(round(y1 * fy), photo.shape[0])


@lru_cache(maxsize=1)
def _noise() -> Array:
    """A tile of noise as a camera leaves it: a little softer than white."""
    white = np.random.default_rng(1).standard_normal((NOISE_TILE, NOISE_TILE), np.float32)
    soft = cv2.GaussianBlur(white, (0, 0), 0.6, borderType=cv2.BORDER_REFLECT)
    return np.asarray(soft / soft.std(), np.float32)


def _grained(paint: Array, grain: float, rows: tuple[int, int], columns: tuple[int, int]) -> Array:
    """Paint with the photo's noise, at the photo's own size; photons are few where it is dark."""
    y, x = np.arange(*rows) % NOISE_TILE, np.arange(*columns) % NOISE_TILE
    strength = grain * np.sqrt(np.clip(luminance(paint) / GRAIN_AT, 0, 2))
    return np.asarray(np.maximum(paint + (_noise()[y[:, None], x] * strength)[..., None], 0), np.float32)


def _outlines(cover: Array) -> Array:
    """1 where cover passes from nothing to all within a pixel or two: outlines, but not twigs or wires."""
    kernel = np.ones((5, 5), np.uint8)
    passes = (cv2.dilate(cover, kernel) > 0.97) & (cv2.erode(cover, kernel) < 0.03)
    return np.asarray(cv2.GaussianBlur(passes.astype(np.float32), (0, 0), 1.0), np.float32)


def _crisp(cover: Array, outline: Array, enlarged: float) -> Array:
    """Enlarged cover with outlines as sharp as at the photo's own size."""
    steep = np.clip((cover - 0.5) * enlarged + 0.5, 0, 1)
    return np.asarray(cover + (steep - cover) * outline, np.float32)


def _sampled(
    edit: Edit, outlines: Array, photo: Bytes, rows: tuple[int, int], columns: tuple[int, int]
) -> tuple[Array, Array, Array]:
    """The edit's paint, cover and shade for a strip of the photo."""
    fx, fy = edit.size[0] / photo.shape[1], edit.size[1] / photo.shape[0]
    if fx == 1 and fy == 1:
        y, x = (
            slice(rows[0] - edit.crop[1], rows[1] - edit.crop[1]),
            slice(columns[0] - edit.crop[0], columns[1] - edit.crop[0]),
        )
        return edit.paint[y, x], edit.cover[y, x], edit.shade[y, x]
    x_at = (np.arange(*columns, dtype=np.float32) + 0.5) * fx - 0.5 - edit.crop[0]
    y_at = (np.arange(*rows, dtype=np.float32) + 0.5) * fy - 0.5 - edit.crop[1]
    grid_x, grid_y = np.meshgrid(x_at, y_at)
    border = cv2.BORDER_REPLICATE
    paint = cv2.remap(edit.paint, grid_x, grid_y, cv2.INTER_CUBIC, borderMode=border)
    cover = np.clip(cv2.remap(edit.cover, grid_x, grid_y, cv2.INTER_CUBIC, borderMode=border), 0, 1)
    outline = cv2.remap(outlines, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=border)
    shade = cv2.remap(edit.shade, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=border)
    cover = _crisp(np.asarray(cover, np.float32), np.asarray(outline, np.float32), max(1.0, 1 / fx))
    return np.maximum(paint, 0).astype(np.float32), cover, np.asarray(shade, np.float32)


def apply(photo: Bytes, edit: Edit) -> tuple[Bytes, Bytes]:
    """The staged photo and its mask (255: edited), at the photo's size; untouched pixels keep their bytes."""
    picture, mask = photo.copy(), np.zeros(photo.shape[:2], np.uint8)
    x0, y0, x1, y1 = _target(edit, photo)
    outlines = _outlines(edit.cover)

    def finish(rows: tuple[int, int]) -> None:
        paint, cover, shade = _sampled(edit, outlines, photo, rows, (x0, x1))
        there = slice(*rows), slice(x0, x1)
        change = np.abs(shade - 1)
        touched = (cover > 1 / 512) | (np.maximum(np.maximum(change[..., 0], change[..., 1]), change[..., 2]) > 1e-3)
        paint = _grained(paint, edit.grain, rows, (x0, x1)) if edit.grain else paint
        alpha = cover[..., None]
        mixed = alpha * paint + (1 - alpha) * bytes_to_linear(photo[there]) * shade
        picture[there][touched] = linear_to_bytes(mixed[touched])
        mask[there][touched] = 255

    with ThreadPoolExecutor(os.cpu_count()) as workers:  # strips share no pixel
        list(workers.map(finish, _strips((y0, y1))))
    return picture, mask
