"""Makes the synthetic rooms: `python -m tests.support.rooms.generate [NUMBERS] [--demo]`.

Each room has a floor of planks, tiles or carpet, skirting boards, a window with daylight behind it, and a door. The
demo room is one of them, made with more care: sun on the floor, a radiator, a socket. `varied.py` makes rooms that are
less alike, for the benchmark.
"""

import argparse
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.textures import fractal
from functions.inference.engines.render.read.camera import rotation
from functions.inference.engines.render.render import toolchain
from functions.inference.vision.arrays import Array
from functions.inference.vision.colour import hex_colour, to_linear, to_srgb
from tests.support.rooms import FOLDER, Truth

NEAR = -0.5  # the wall behind the camera
DEMO = Path(__file__).resolve().parents[3] / "infra" / "local" / "demo" / "room.jpg"
Rng = np.random.Generator
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Clutter:
    """A box that stands on the floor: its lower and upper corner in metres, and its sRGB colour."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    colour: str


@dataclass
class Plan:
    """A room to build; without a window the daylight comes from behind the camera alone.

    Walls are 0 back, 1 left, 2 right; positions along them in metres from the middle or ahead.
    """

    truth: Truth
    floor: str
    plank: str
    wall: Array
    door: str
    window_wall: int | None
    window_at: float
    window_size: tuple[float, float]
    window_sill: float
    door_wall: int
    door_at: float
    skirting: float
    width: int = 800
    height: int = 600
    samples: int = 16
    sun: bool = False
    extras: bool = False
    seed: int = 0
    plank_turn: bool = False
    exposure: float = 0.75
    second_door: tuple[int, float] | None = None
    clutter: tuple[Clutter, ...] = ()
    parts: Mesh = field(default_factory=Mesh)


def wood(colour: Array, rng: Rng, n: int, contrast: float) -> Array:
    """Straight grain along the first texture axis."""
    fine, coarse = fractal(n, rng, 5, 2, (12, 0.5)), fractal(n, rng, 3, 2, (2, 1))
    ring = np.sin(fine * 2.2 + coarse * 1.1) * 0.5 + fine * 0.35
    out = np.clip(colour * (1 + contrast * ring)[..., None], 0, 1)
    out[..., 2] *= 1 - 0.06 * ring
    return np.asarray(np.clip(out, 0, 1), np.float32)


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


def outside(rng: Rng, n: int = 256) -> Array:
    """What lies beyond the window: a soft hedge under a bright sky. Linear."""
    y = np.linspace(0, 1, n, dtype=np.float32)[:, None]
    hedge = 0.52 + 0.10 * fractal(n, rng, 4, 3)[:1] * 0.6
    leaves = 0.5 + 0.35 * fractal(n, rng, 5, 8)
    green = np.array([0.16, 0.26, 0.10]) * np.clip(leaves, 0.1, 1.4)[..., None] * 2.2
    sky = np.array([0.80, 0.90, 1.0]) * (1.5 + 1.3 * (1 - y))[..., None]
    share = np.clip((y - hedge) / 0.05, 0, 1)[..., None]
    return np.asarray(cv2.GaussianBlur((sky * (1 - share) + green * share).astype(np.float32), (0, 0), 2.2), np.float32)


class _Wall:
    """A wall's own coordinates: u along it, z up, w into the room."""

    def __init__(self, truth: Truth, index: int) -> None:
        self.index, self.truth = index, truth
        self.low = truth.left if index == 0 else NEAR
        self.high = truth.right if index == 0 else truth.back

    def point(self, u: float, z: float, w: float = 0.0) -> list[float]:
        if self.index == 0:
            return [u, self.truth.back - w, z]
        side = self.truth.left + w if self.index == 1 else self.truth.right - w
        return [side, u, z]

    def quad(self, mesh: Mesh, material: str, u: tuple[float, float], z: tuple[float, float], w: float = 0.0) -> None:
        corners = [self.point(*p, w) for p in ((u[0], z[0]), (u[1], z[0]), (u[1], z[1]), (u[0], z[1]))]
        mesh.quad(material, corners)

    def box(
        self, mesh: Mesh, material: str, u: tuple[float, float], z: tuple[float, float], w: tuple[float, float]
    ) -> None:
        a, b = np.array(self.point(u[0], z[0], w[0])), np.array(self.point(u[1], z[1], w[1]))
        mesh.box(material, (a + b) / 2, np.abs(b - a), 0.003)


def _shell(plan: Plan) -> None:
    t, mesh = plan.truth, plan.parts
    scale = 2.1 if plan.floor == "wood" else 1.6
    corners = np.array([[t.left, NEAR, 0], [t.right, NEAR, 0], [t.right, t.back, 0], [t.left, t.back, 0]])
    uv = corners[:, [0, 1] if plan.plank_turn else [1, 0]] / scale
    mesh.add("floor", corners, [[0, 1, 2], [0, 2, 3]], uv)
    mesh.quad("ceiling", corners[::-1] + np.array([0, 0, t.height]))
    mesh.quad("wall", [[t.left, NEAR, 0], [t.right, NEAR, 0], [t.right, NEAR, t.height], [t.left, NEAR, t.height]])
    for index in range(3):
        wall = _Wall(t, index)
        if index == plan.window_wall:
            _window(plan, wall)
        else:
            wall.quad(mesh, "wall", (wall.low, wall.high), (0, t.height))
        _skirting(plan, wall)
    for index, at in _doors(plan):
        _door(plan, _Wall(t, index), at)
    for number, thing in enumerate(plan.clutter):
        low, high = np.array(thing.low), np.array(thing.high)
        mesh.box(f"clutter{number}", (low + high) / 2, high - low, 0.01)


def _doors(plan: Plan) -> list[tuple[int, float]]:
    return [(plan.door_wall, plan.door_at)] + ([plan.second_door] if plan.second_door else [])


def _skirting(plan: Plan, wall: _Wall) -> None:
    gaps = sorted(at for index, at in _doors(plan) if index == wall.index)
    starts, ends = [wall.low, *(at + 0.5 for at in gaps)], [*(at - 0.5 for at in gaps), wall.high]
    for u in zip(starts, ends, strict=True):
        if u[1] > u[0]:
            wall.box(plan.parts, "trim", u, (0, plan.skirting), (0, 0.016))


def _window(plan: Plan, wall: _Wall) -> None:
    """A wall with a hole, a deep reveal, a sill, a frame with a mullion, and the garden behind it."""
    mesh, (w, h), sill = plan.parts, plan.window_size, plan.window_sill
    u0, u1, z0, z1 = plan.window_at - w / 2, plan.window_at + w / 2, sill, sill + h
    top, deep = plan.truth.height, 0.16
    around = [
        ((wall.low, u0), (0.0, top)),
        ((u1, wall.high), (0.0, top)),
        ((u0, u1), (0.0, z0)),
        ((u0, u1), (z1, top)),
    ]
    for across, up in around:
        wall.quad(mesh, "wall", across, up)
    for u in (u0, u1):
        a, b, c, d = ((u, z0, 0), (u, z1, 0), (u, z1, -deep), (u, z0, -deep))
        mesh.quad("trim", [wall.point(*p) for p in (a, b, c, d)])
    for z in (z0, z1):
        mesh.quad("trim", [wall.point(*p) for p in ((u0, z, 0), (u1, z, 0), (u1, z, -deep), (u0, z, -deep))])
    wall.box(mesh, "trim", (u0 - 0.06, u1 + 0.06), (z0 - 0.03, z0), (-0.02, 0.09))
    _frame(mesh, wall, (u0, u1), (z0, z1), deep)
    wall.quad(mesh, "outside", (u0 - 2.4, u1 + 2.4), (-0.6, 2.3), -1.6)


def _frame(mesh: Mesh, wall: _Wall, u: tuple[float, float], z: tuple[float, float], deep: float) -> None:
    bar, w = 0.055, (-deep + 0.01, -deep + 0.06)
    middle = (u[0] + u[1]) / 2
    for at in (u[0], middle - bar / 2, u[1] - bar):
        wall.box(mesh, "trim", (at, at + bar), z, w)
    for at in (z[0], z[1] - bar):
        wall.box(mesh, "trim", u, (at, at + bar), w)


def _door(plan: Plan, wall: _Wall, at: float) -> None:
    """A panelled door in its frame, with a handle."""
    mesh, half, high = plan.parts, 0.42, 2.03
    wall.box(mesh, "door", (at - half, at + half), (0.005, high), (0, 0.012))
    for side in (-1, 1):
        inner, outer = at + side * half, at + side * (half + 0.075)
        wall.box(mesh, "trim", (min(inner, outer), max(inner, outer)), (0, high + 0.075), (0, 0.028))
    wall.box(mesh, "trim", (at - half, at + half), (high, high + 0.075), (0, 0.028))
    for z in ((0.22, 0.85), (1.02, 1.88)):
        for u in ((at - half + 0.12, at - 0.05), (at + 0.05, at + half - 0.12)):
            wall.box(mesh, "door", u, z, (0.008, 0.019))
    handle = wall.point(at + half - 0.07, 1.02, 0.055)
    mesh.rod("metal", wall.point(at + half - 0.07, 1.02, 0.01), handle, 0.011)
    mesh.rod("metal", handle, wall.point(at + half - 0.19, 1.02, 0.055), 0.009)


def _extras(plan: Plan) -> None:
    """A radiator under the window, a socket, a curtain pole, two ceiling lights."""
    assert plan.window_wall is not None
    t, wall, mesh = plan.truth, _Wall(plan.truth, plan.window_wall), plan.parts
    at = plan.window_at
    for k in range(18):
        u = at - 0.6 + k * 1.2 / 18
        wall.box(mesh, "trim", (u + 0.008, u + 1.2 / 18 - 0.008), (0.16, 0.66), (0.03, 0.10))
    wall.box(mesh, "trim", (at - 0.6, at + 0.6), (0.20, 0.24), (0.05, 0.09))
    wall.box(mesh, "trim", (at - 0.6, at + 0.6), (0.58, 0.62), (0.05, 0.09))
    other = _Wall(t, 1 if plan.window_wall != 1 else 2)
    other.box(mesh, "trim", (1.6, 1.68), (0.28, 0.36), (0, 0.01))
    for y in (1.6, 3.2):
        mesh.lathe("lamp", [(0, t.height - 0.012), (0.05, t.height - 0.012)], ((t.left + t.right) / 2, y, 0), 24)


def _look(plan: Plan, rng: Rng) -> dict[str, dict[str, Any]]:
    import mitsuba as mi

    def flat(colour: Array, roughness: float | None = None) -> dict[str, Any]:
        rgb = {"type": "rgb", "value": [float(v) for v in to_linear(colour)]}
        if roughness is None:
            return {"type": "diffuse", "reflectance": rgb}
        return {"type": "principled", "base_color": rgb, "roughness": roughness, "specular": 0.4}

    texture = {
        "type": "bitmap",
        "bitmap": mi.Bitmap(np.ascontiguousarray(to_linear(floor_texture(plan, rng)))),
        "raw": True,
    }
    floor: dict[str, Any] = {"type": "diffuse", "reflectance": texture}
    if plan.floor != "carpet":
        floor = {"type": "principled", "base_color": texture, "roughness": 0.36, "specular": 0.35}
    return {
        "floor": floor,
        "ceiling": flat(np.array([0.94, 0.94, 0.93], np.float32)),
        "wall": flat(plan.wall),
        "trim": flat(np.array([0.93, 0.93, 0.91], np.float32), 0.35),
        "door": flat(hex_colour(plan.door), 0.4),
        "metal": flat(np.array([0.6, 0.6, 0.6], np.float32), 0.25),
        "lamp": flat(np.array([1.0, 1.0, 1.0], np.float32)),
        "outside": flat(np.array([0.5, 0.5, 0.5], np.float32)),
        **{f"clutter{i}": flat(hex_colour(thing.colour), 0.6) for i, thing in enumerate(plan.clutter)},
    }


def _mi_mesh(name: str, parts: list[Any], bsdf: dict[str, Any], radiance: Any | None) -> Any:
    import mitsuba as mi

    vertices = np.concatenate([p.vertices for p in parts])
    offsets = np.cumsum([0] + [len(p.vertices) for p in parts[:-1]])
    faces = np.concatenate([p.faces + o for p, o in zip(parts, offsets, strict=True)])
    properties = mi.Properties()
    properties["mesh_bsdf"] = mi.load_dict({"type": "twosided", "bsdf": bsdf})
    if radiance is not None:
        properties["mesh_emitter"] = mi.load_dict({"type": "area", "radiance": radiance})
    mesh = mi.Mesh(
        name, len(vertices), len(faces), has_vertex_normals=True, has_vertex_texcoords=True, props=properties
    )
    data = mi.traverse(mesh)
    data["vertex_positions"] = vertices.astype(np.float32).ravel()
    data["vertex_normals"] = np.concatenate([p.normals for p in parts]).astype(np.float32).ravel()
    data["vertex_texcoords"] = np.concatenate([p.uv for p in parts]).astype(np.float32).ravel()
    data["faces"] = faces.astype(np.uint32).ravel()
    data.update()
    return mesh


def _camera(plan: Plan) -> dict[str, Any]:
    import mitsuba as mi

    t = plan.truth
    turn = rotation(*(np.radians(v) for v in (t.yaw, t.pitch, t.roll)))
    origin = np.array([0, 0, t.camera_height])
    look = mi.ScalarTransform4f().look_at(
        origin=origin.tolist(), target=(origin + turn[2]).tolist(), up=(-turn[1]).tolist()
    )
    film: dict[str, Any] = {"type": "hdrfilm", "width": plan.width, "height": plan.height, "pixel_format": "rgb"}
    film["rfilter"] = {"type": "box"}  # OIDN wants uncorrelated pixels
    return {
        "type": "perspective",
        "fov": t.horizontal_fov,
        "fov_axis": "x",
        "near_clip": 0.02,
        "to_world": look,
        "film": film,
    }


def _lights(plan: Plan) -> dict[str, Any]:
    import mitsuba as mi

    t = plan.truth
    middle, ahead = (t.left + t.right) / 2, t.back / 2
    panel = mi.ScalarTransform4f().look_at(
        origin=[middle, ahead, t.height - 0.01], target=[middle, ahead, 0], up=[0, 1, 0]
    ) @ mi.ScalarTransform4f().scale([0.16, 0.16, 1])
    lamp = {
        "type": "area",
        "radiance": {"type": "rgb", "value": [22.0, 21.0, 19.5] if plan.extras else [40.0, 38.0, 34.0]},
    }
    lights: dict[str, Any] = {
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": [1.6, 1.9, 2.3]}},
        "panel": {"type": "rectangle", "to_world": panel, "emitter": lamp},
    }
    if plan.sun and plan.window_wall is not None:
        direction = {0: [0.42, -1.0, -0.72], 1: [1.0, -0.35, -0.72], 2: [-1.0, -0.35, -0.72]}[plan.window_wall]
        sun = {"type": "rgb", "value": [9.0, 8.1, 6.6]}
        lights["sun"] = {"type": "directional", "direction": direction, "irradiance": sun}
    return lights


def render(plan: Plan) -> Array:
    """The room as a linear picture, denoised."""
    import mitsuba as mi

    from functions.inference.engines.render.render.denoise import denoise

    rng = np.random.default_rng(plan.seed)
    _shell(plan)
    if plan.extras:
        _extras(plan)
    looks = _look(plan, rng)
    garden = mi.Bitmap(np.ascontiguousarray(outside(rng)[::-1] * 1.6))
    glow = {"outside": {"type": "bitmap", "bitmap": garden, "raw": True}}
    meshes = {}
    for name in sorted({part.material for part in plan.parts.parts}):
        parts = [part for part in plan.parts.parts if part.material == name]
        meshes[f"mesh_{name}"] = _mi_mesh(name, parts, looks[name], glow.get(name))
    path = {"type": "path", "max_depth": 9}
    scene = mi.load_dict(
        {
            "type": "scene",
            "integrator": {"type": "aov", "aovs": "albedo:albedo,normal:sh_normal", "path": path},
            "sensor": _camera(plan),
            **_lights(plan),
            **meshes,
        }
    )
    total, done = np.zeros((plan.height, plan.width, 9), np.float32), 0
    while done < plan.samples:
        step = min(8, plan.samples - done)
        total = total + np.array(mi.render(scene, seed=mi.UInt32(plan.seed * 100 + done), spp=step)) * step
        done += step
    buffer = np.asarray(total / done, np.float32)
    return denoise(np.minimum(buffer[..., :3], 30), buffer[..., 3:6], buffer[..., 6:9])


def develop(linear: Array, rng: Rng, exposure: float = 0.75) -> NDArray[np.uint8]:
    """Expose like an estate agent's camera: walls bright, windows held back, a little grain. BGR."""
    exposed = linear * (exposure / np.median(linear))
    held = exposed * (1 + exposed / 14.0**2) / (1 + exposed)  # Reinhard et al. 2002, white at 14
    grainy = np.maximum(held + rng.normal(0, 0.003, held.shape), 0)
    return np.asarray(np.clip(np.rint(to_srgb(grainy) * 255), 0, 255).astype(np.uint8)[..., ::-1])


def random_plan(index: int) -> Plan:
    """The room of a number, always the same one."""
    rng = np.random.default_rng(1000 + index)
    width, depth, height = rng.uniform(3.2, 6.2), rng.uniform(3.6, 6.8), rng.uniform(2.4, 2.9)
    corner = bool(rng.random() < 0.5)
    yaw = rng.uniform(18, 40) * rng.choice([-1, 1]) if corner else rng.uniform(-12, 12)
    shift = -np.sign(yaw) * width * 0.32 if corner else rng.uniform(-0.25, 0.25) * width
    truth = Truth(
        name=f"room-{index:02}",
        yaw=float(yaw),
        pitch=float(rng.uniform(-1, 9)),
        roll=float(rng.normal(0, 0.6)),
        horizontal_fov=float(rng.uniform(60, 90)),
        camera_height=float(rng.uniform(1.15, 1.55)),
        left=float(-width / 2 - shift),
        right=float(width / 2 - shift),
        back=float(depth - 0.5),
        height=float(height),
    )
    window = int(rng.integers(3))
    door = (window + 1 + int(rng.integers(2))) % 3
    floor, plank = [
        ("wood", "a47a4f"),
        ("wood", "7a5236"),
        ("wood", "c2a27a"),
        ("carpet", "b8ad9c"),
        ("tile", "cfc8bb"),
    ][int(rng.integers(5))]

    def along(wall: int, margin: float) -> float:
        low, high = (truth.left, truth.right) if wall == 0 else (1.0, truth.back)
        return float(rng.uniform(low + margin, max(low + margin + 0.01, high - margin)))

    wall = np.clip(np.array([0.90, 0.885, 0.86]) * rng.uniform(0.88, 1.04) + rng.normal(0, 0.015, 3), 0.5, 0.97)
    door_colour = ["ecebe6", "8a5a38"][int(rng.integers(2))]
    at, size = along(window, 1.0), (float(rng.uniform(1.1, 1.7)), float(rng.uniform(1.1, 1.4)))
    return Plan(
        truth=truth, floor=floor, plank=plank, wall=wall.astype(np.float32), door=door_colour,
        window_wall=window, window_at=at, window_size=size,
        window_sill=0.85, door_wall=door, door_at=along(door, 0.6), skirting=float(rng.uniform(0.07, 0.13)), seed=index,
    )  # fmt: skip


def demo_plan() -> Plan:
    """The room that `vitrine demo` stages when it is given none."""
    truth = Truth(
        name="demo", yaw=-15.0, pitch=3.5, roll=0.0, horizontal_fov=80.0, camera_height=1.38, left=-2.9, right=1.6,
        back=4.7, height=2.68,
    )  # fmt: skip
    return Plan(
        truth=truth, floor="wood", plank="b08a5e", wall=np.array([0.92, 0.905, 0.875], np.float32), door="efeee9",
        window_wall=0, window_at=-0.55, window_size=(1.75, 1.35), window_sill=0.85, door_wall=2, door_at=3.85,
        skirting=0.11, width=1408, height=1056, samples=24, sun=True, extras=True, seed=77,
    )  # fmt: skip


def prepare_mitsuba() -> None:
    """Choose the fast variant in this process; needs an LLVM."""
    library = toolchain.ensure_llvm()
    os.environ.update(toolchain.environment(library))
    import mitsuba as mi

    mi.set_variant("llvm_ad_rgb" if library else "scalar_rgb")


def distorted(picture: NDArray[np.uint8], truth: Truth) -> NDArray[np.uint8]:
    """The picture that a lens of the truth's distortion makes of a pinhole's picture."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    source = truth.undistorted(np.c_[x.ravel(), y.ravel()].astype(float), width, height).astype(np.float32)
    maps = source[:, 0].reshape(height, width), source[:, 1].reshape(height, width)
    return np.asarray(cv2.remap(picture, *maps, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def make(plan: Plan, path: Path, quality: int = 90) -> None:
    picture = develop(render(plan), np.random.default_rng(plan.seed), plan.exposure)
    if plan.truth.distortion:
        picture = distorted(picture, plan.truth)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, quality]):
        raise OSError(f"cannot write {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", type=int, nargs="*", help="numbers of the rooms to make")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    prepare_mitsuba()
    plans = [random_plan(i) for i in args.rooms]
    for plan in plans:
        make(plan, args.out / f"{plan.truth.name}.jpg")
    if plans:
        truth = json.dumps([plan.truth.as_dict() for plan in plans], indent=1)
        (args.out / "truth.json").write_text(truth + "\n")
    if args.demo:
        make(demo_plan(), DEMO, 92)


if __name__ == "__main__":
    main()
