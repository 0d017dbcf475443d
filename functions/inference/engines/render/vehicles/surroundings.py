"""Where a car is photographed: a studio with a turntable, or a lot that a person walks around it on."""

from dataclasses import dataclass
from typing import Any

import cv2
import mitsuba as mi
import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh, turn_z
from functions.inference.engines.render.vehicles.develop import Camera
from functions.inference.engines.render.vehicles.fittings import blob
from functions.inference.engines.render.vehicles.looks import Look, flat
from functions.inference.engines.render.vehicles.shell import vec
from functions.inference.vision.arrays import Array, Floats
from functions.inference.vision.colour import hex_colour, to_linear


@dataclass(frozen=True)
class Lamp:
    """A rectangle that shines: its corners, and its radiance."""

    corners: Floats
    radiance: tuple[float, float, float]


@dataclass(frozen=True)
class Surroundings:
    """`sky` is a map of radiance all around, z up.

    `exposure` is what linear light is multiplied with before it is developed; `noise` is its sensor's; `lit`: with
    the car's lamps on; `still`: all that is not the car stays in place in the picture.
    """

    mesh: Mesh
    looks: dict[str, Look]
    lamps: tuple[Lamp, ...]
    sky: Array
    exposure: float
    camera: Camera
    noise: float
    lit: bool = False
    still: bool = False


def _rectangle(middle: tuple[float, float, float], u: Floats, v: Floats) -> Floats:
    m = np.asarray(middle, float)
    return np.array([m - u - v, m + u - v, m + u + v, m - u + v])


def _cove(radius: float, bend: float, height: float) -> list[tuple[float, float]]:
    """The profile of floor and wall of a round cove."""
    turn = np.linspace(-np.pi / 2, 0, 12)
    arc = [(radius - bend + bend * float(np.cos(t)), bend + bend * float(np.sin(t))) for t in turn]
    return [(0.0, 0.0), (3.0, 0.0), (6.0, 0.0), *arc, (radius, height)]


def studio(_rng: np.random.Generator, night: bool) -> Surroundings:
    """A round light cove; a wide box of light above, a long one over the camera, two upright ones beside it.

    At `night` all are turned low.
    """
    mesh = Mesh().lathe("cove", [(r, z) for r, z in _cove(12.5, 3.0, 7.0)], sides=96)
    mesh.lathe("ring", [(2.98, 0.001), (3.0, 0.001)], sides=128)
    power = 0.2 if night else 1.0
    above = _rectangle((0.6, 0, 5.2), np.array([1.3, 0, 0]), np.array([0, -3.4, 0]))
    behind = _rectangle((9.2, 0, 3.1), np.array([0, -4.5, 0]), np.array([-0.1, 0, 0.22]))
    left = _rectangle((4.5, 6.0, 2.3), np.array([0.9, -1.0, 0]), np.array([0, 0, 1.5]))
    right = _rectangle((4.5, -6.0, 2.3), np.array([-0.9, -1.0, 0]), np.array([0, 0, 1.5]))
    white = np.array([1.0, 0.985, 0.96])
    lamps = tuple(
        Lamp(corners, tuple((white * radiance * power).tolist()))
        for corners, radiance in ((above, 7.5), (behind, 13.0), (left, 4.0), (right, 3.0))
    )
    looks = {"cove": Look(flat("cfd0d1"), 0.9), "ring": Look(flat("8c8d8e"), 0.9)}
    sky = np.full((8, 16, 3), 0.36 * power, np.float32)
    camera, noise = (Camera(1600, 1 / 60, 56), 0.018) if night else (Camera(100, 1 / 125, 56), 0.0035)
    return Surroundings(mesh, looks, lamps, sky, 0.82 / power * (0.62 if night else 1.0), camera, noise, still=True)


def _noise(rng: np.random.Generator, size: int, octaves: int, first: int) -> Array:
    total = np.zeros((size, size), np.float32)
    for k in range(octaves):
        cells = first * 2**k
        patch = rng.normal(0, 1, (cells, cells)).astype(np.float32)
        wrapped = np.pad(patch, 2, mode="wrap")
        big = cv2.resize(wrapped, None, fx=size / cells, fy=size / cells, interpolation=cv2.INTER_CUBIC)
        edge = round(2 * size / cells)
        total += big[edge : edge + size, edge : edge + size] * 0.6**k
    return total


def _asphalt(rng: np.random.Generator) -> Array:
    size = 768
    grain = rng.normal(0, 1, (size, size)).astype(np.float32)
    value = 0.105 + 0.004 * _noise(rng, size, 4, 4) + 0.045 * cv2.GaussianBlur(grain, (0, 0), 0.8) / 0.35 * 0.5
    value += 0.10 * (cv2.GaussianBlur(rng.normal(0, 1, (size, size)).astype(np.float32), (0, 0), 1.0) > 0.9)
    tint = np.array([1.0, 0.99, 0.97], np.float32)
    return np.ascontiguousarray(np.clip(value, 0.02, 0.5)[..., None] * tint, np.float32)


def _facade(rng: np.random.Generator, wall: str, lit: bool) -> Array:
    """Windows in rows on a wall; some lit at night."""
    picture = np.full((256, 256, 3), to_linear(hex_colour(wall)), np.float32)
    picture *= 1 + 0.05 * _noise(rng, 256, 3, 4)[..., None]
    for row in range(2):
        for column in range(4):
            y, x = 40 + row * 118, 14 + column * 62
            shine = rng.uniform(0.02, 0.12)
            colour = np.array([0.8, 0.9, 1.0]) * shine
            if lit and rng.random() < 0.4:
                colour = np.array([1.0, 0.75, 0.4]) * 0.9
            picture[y : y + 66, x : x + 40] = 0.3
            picture[y + 3 : y + 63, x + 3 : x + 37] = colour
    return np.ascontiguousarray(np.clip(picture, 0.01, 1))


def _leaves(rng: np.random.Generator, colour: str, spread: float) -> Array:
    base = to_linear(hex_colour(colour))
    mottle = 1 + spread * _noise(rng, 256, 5, 8)[..., None]
    return np.ascontiguousarray(np.clip(base * mottle, 0.004, 0.5), np.float32)


def _sky(rng: np.random.Generator, night: bool) -> Array:
    """Radiance by direction, rows from the zenith to the nadir."""
    rows, columns = 128, 256
    height = np.cos(np.linspace(0, np.pi, rows))[:, None, None]
    if night:
        low, high = np.array([0.020, 0.018, 0.022]), np.array([0.004, 0.006, 0.014])
        sky = np.where(height > 0, low + (high - low) * np.clip(height, 0, 1) ** 0.5, 0.01)
        return np.ascontiguousarray(np.broadcast_to(sky, (rows, columns, 3)), np.float32)
    low, high = np.array([0.72, 0.85, 1.0]) * 0.62, np.array([0.16, 0.34, 0.78]) * 0.55
    sky = np.where(height > 0, low + (high - low) * np.clip(height, 0, 1) ** 0.55, np.array([0.25, 0.24, 0.22]))
    cloud = cv2.resize(_noise(rng, 256, 5, 4), (columns, rows))[..., None]
    share = np.clip(cloud * 0.8 - 0.1, 0, 1) * np.clip(height * 3, 0, 1)
    sky = sky * (1 - share) + np.array([0.95, 0.94, 0.93]) * share
    return np.ascontiguousarray(_with_sun(sky.astype(np.float32)))


def _with_sun(sky: Array) -> Array:
    rows, columns = sky.shape[:2]
    y, x = np.mgrid[0:rows, 0:columns]
    away = ((x - columns * 0.62) / 1.6) ** 2 + ((y - rows * 0.24) / 1.6) ** 2
    return np.asarray(sky + np.exp(-away)[..., None] * np.array([1.0, 0.93, 0.82]) * 1500, np.float32)


def lot(rng: np.random.Generator, night: bool) -> Surroundings:
    """Asphalt with parking lines, buildings, trees and a fence around; by day sun and clouds, at night street lamps."""
    mesh = Mesh()
    _ground(mesh)
    looks = {
        "asphalt": Look(_asphalt(rng), 0.9), "line": Look(flat("b9b8b0"), 0.9), "kerb": Look(flat("8f8d88"), 0.9),
        "grass": Look(_leaves(rng, "5a7340", 0.1), 0.95), "leaves": Look(_leaves(rng, "5c7a3a", 0.3), 0.9),
        "shade": Look(flat("2c3b1d"), 0.95), "wood": Look(_leaves(rng, "5d6f58", 0.12), 0.95),
        "trunk": Look(flat("4a3b2c"), 0.9), "roof": Look(flat("4b4a48"), 0.9), "post": Look(flat("77797b"), 0.5, 0.5),
    }  # fmt: skip
    _buildings(mesh, looks, rng, night)
    _trees(mesh, rng)
    _hedges(mesh, rng)
    _far_wood(mesh, rng)
    lamps = _street_lamps(mesh, night)
    camera, noise = (Camera(3200, 1 / 30, 42), 0.026) if night else (Camera(64, 1 / 500, 42), 0.004)
    return Surroundings(mesh, looks, lamps, _sky(rng, night), 5.5 if night else 0.95, camera, noise, night)


def _ground(mesh: Mesh) -> None:
    edge = 17.0
    corners = np.array([[-edge, -edge, 0], [edge, -edge, 0], [edge, edge, 0], [-edge, edge, 0.0]])
    uv = (corners[:, :2] + edge) / 1.6
    mesh.add("asphalt", corners, [[0, 1, 2], [0, 2, 3]], uv, np.tile([0, 0, 1.0], (4, 1)))
    far = 120.0
    wide = np.array([[-far, -far, -0.12], [far, -far, -0.12], [far, far, -0.12], [-far, far, -0.12]])
    mesh.add("grass", wide, [[0, 1, 2], [0, 2, 3]], wide[:, :2] / 45 + 14, np.tile([0, 0, 1.0], (4, 1)))
    for side in (
        (edge, 0, 0.3, 2 * edge),
        (-edge, 0, 0.3, 2 * edge),
        (0, edge, 2 * edge, 0.3),
        (0, -edge, 2 * edge, 0.3),
    ):
        mesh.box("kerb", (side[0], side[1], 0.0), (side[2], side[3], 0.24), 0.02)
    for k in range(-5, 6):
        for y in (7.2, -11.8):
            mesh.box("line", (k * 2.7 + 0.6, y + 2.3, 0.0), (0.11, 4.6, 0.006), 0.002)
    mesh.box("line", (0.6, 7.2, 0.0), (29.7, 0.11, 0.006), 0.002)


def _buildings(mesh: Mesh, looks: dict[str, Look], rng: np.random.Generator, night: bool) -> None:
    walls = ("b8a58c", "9c5f4a", "c9c6bd", "8a8f94", "d3c39b", "6f7f86")
    for k, wall in enumerate(walls):
        angle = 2 * np.pi * (k + rng.uniform(-0.2, 0.2)) / len(walls)
        away, width, height = rng.uniform(27, 36), rng.uniform(12, 20), rng.uniform(5, 11)
        looks[f"facade_{k}"] = Look(_facade(rng, wall, night), 0.7)
        house = Mesh()
        for turn in range(4):
            face = np.array([[-0.5, 0.5, 0], [0.5, 0.5, 0], [0.5, 0.5, 1], [-0.5, 0.5, 1.0]]) * [width, width, height]
            uv = np.array([[0, 1.0], [2, 1], [2, 0], [0, 0]]) * [round(width / 10), 1] + 0.001
            house.add(f"facade_{k}", face @ turn_z(turn * np.pi / 2).T, [[0, 2, 1], [0, 3, 2]], uv)
        house.box("roof", (0, 0, height + 0.1), (width + 0.6, width + 0.6, 0.3), 0.02)
        mesh.put(
            house, (away * np.cos(angle), away * np.sin(angle), -0.1), turn=angle + np.pi / 2 + rng.uniform(-0.3, 0.3)
        )


def _trees(mesh: Mesh, rng: np.random.Generator) -> None:
    for k in range(13):
        angle = 2 * np.pi * (k + rng.uniform(-0.3, 0.3)) / 13
        away, tall = rng.uniform(19, 25), rng.uniform(3.8, 6.5)
        at = np.array([away * np.cos(angle), away * np.sin(angle), 0])
        mesh.rod("trunk", at, at + vec(0, 0, tall * 0.62), 0.13, 0.07)
        for _ in range(9):
            size = rng.uniform(0.55, 1.0) * tall / 5
            offset = rng.normal(0, 0.6, 3) * [1, 1, 0.8] * tall / 5 + vec(0, 0, tall * 0.76)
            _clump(mesh, rng, at + offset, np.array([size, size, size * 0.8]))


def _clump(mesh: Mesh, rng: np.random.Generator, middle: Floats, half: Floats) -> None:
    """A dark core and leaves around it."""
    points, faces = blob((0.9 * half[0], 0.9 * half[1], 0.9 * half[2]), 2.0)
    mesh.add("shade", points + middle, faces, np.zeros((len(points), 2)))
    out = rng.normal(0, 1, (240, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    _leafage(mesh, rng, middle + out * half * rng.uniform(0.85, 1.12, (240, 1)), out, 0.13)


def _leafage(mesh: Mesh, rng: np.random.Generator, at: Floats, out: Floats, half: float) -> None:
    """Leaves (squares of up to `half` metres from their middle) that lean about `out`, each of one colour."""
    count = len(at)
    across = np.cross(out + rng.normal(0, 0.5, (count, 3)), rng.normal(0, 1, (count, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    along = np.cross(out, across)
    size = rng.uniform(0.6, 1.0, (count, 1)) * half
    corners = np.stack([at - across * size, at - along * size, at + across * size, at + along * size], 1)
    first = np.arange(count)[:, None] * 4
    faces = np.concatenate([first + np.array(corner) for corner in ((0, 1, 2), (0, 2, 3))])
    light = out + rng.normal(0, 0.25, (count, 3))
    light /= np.linalg.norm(light, axis=1, keepdims=True)
    uv = np.repeat(rng.uniform(0.02, 0.98, (count, 2)), 4, 0)
    mesh.add("leaves", corners.reshape(-1, 3), faces, uv, np.repeat(light, 4, 0))


def _hedges(mesh: Mesh, rng: np.random.Generator) -> None:
    """Behind the kerb on two sides."""
    long, tall, deep = 30.0, 0.95, 0.8
    for turn, begin in ((0.0, 18.4), (np.pi / 2, 18.6)):
        core = Mesh().box("shade", (begin, 0, tall / 2 - 0.06), (deep - 0.16, long - 0.1, tall - 0.12), 0.05)
        side = rng.random(5200) < tall / (tall + deep)
        across = np.where(side, np.sign(rng.normal(size=5200)) * deep / 2, rng.uniform(-deep / 2, deep / 2, 5200))
        height = np.where(side, rng.uniform(0, tall, 5200), tall) + rng.normal(0, 0.02, 5200)
        at = np.c_[begin + across, rng.uniform(-long / 2, long / 2, 5200), height]
        out = np.where(side[:, None], np.c_[np.sign(across), across * 0, across * 0 + 0.3], [0, 0, 1.0])
        _leafage(core, rng, at, out / np.linalg.norm(out, axis=1, keepdims=True), 0.085)
        mesh.put(core, turn=turn)


def _far_wood(mesh: Mesh, rng: np.random.Generator) -> None:
    """Tree tops along the horizon, paler than those nearby."""
    for k in range(260):
        angle, away = 2 * np.pi * (k + rng.uniform(-0.8, 0.8)) / 260, rng.uniform(78, 100)
        half = rng.uniform(1.5, 3.2, 3) * [1, 1, 1.2]
        points, faces = blob((half[0], half[1], half[2]), 2.0)
        points = points * (1 + 0.13 * np.sin(points @ rng.normal(0, 2.2, (3, 1)) + rng.uniform(0, 6)))
        middle = vec(away * np.cos(angle), away * np.sin(angle), rng.uniform(0.2, 1.9))
        uv = np.full((len(points), 2), rng.uniform(0.1, 0.9)) + points[:, [2, 0]] / 9
        mesh.add("wood", points + middle, faces, uv)


def _street_lamps(mesh: Mesh, night: bool) -> tuple[Lamp, ...]:
    lamps = []
    colour = np.array([1.0, 0.78, 0.5]) * (55.0 if night else 0.0)
    for x, y in ((6.5, 5.5), (-6.0, 6.0), (-5.5, -7.0), (7.0, -6.0)):
        out = np.array([x, y, 0]) * 1.25
        mesh.rod("post", out, out + vec(0, 0, 5.5), 0.07, 0.05)
        mesh.rod("post", out + vec(0, 0, 5.45), (x, y, 5.5), 0.04)
        corners = _rectangle((x, y, 5.44), np.array([0.32, 0, 0]), np.array([0, -0.22, 0]))
        lamps.append(Lamp(corners, tuple(colour.tolist())))
    return tuple(lamps)


def sky_emitter(sky: Array) -> dict[str, Any]:
    bitmap = mi.Bitmap(np.ascontiguousarray(sky))
    upright = mi.ScalarTransform4f().rotate([1, 0, 0], 90)
    return {"type": "envmap", "bitmap": bitmap, "to_world": upright}
