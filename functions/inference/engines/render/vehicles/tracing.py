"""One picture of a car: linear light and what each pixel shows."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import mitsuba as mi
import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh, Part, turn_z
from functions.inference.engines.render.render import swatches
from functions.inference.engines.render.render.denoise import denoise
from functions.inference.engines.render.render.scene import raw_mesh
from functions.inference.engines.render.render.tracer import Tracer, number, spread
from functions.inference.engines.render.vehicles.car import Car
from functions.inference.engines.render.vehicles.looks import bsdfs
from functions.inference.engines.render.vehicles.surroundings import Lamp, Surroundings, sky_emitter
from functions.inference.vision.arrays import Array, Bools, Floats

ANY_FILM = 64
DEPTH = 6


@dataclass(frozen=True)
class Pose:
    """Where the camera is and looks, in the car's axes; `fov_deg` across the picture; `roll_deg` clockwise."""

    eye: Floats
    target: Floats
    fov_deg: float
    roll_deg: float = 0.0

    def axes(self) -> Floats:
        """Rows: right, down, ahead."""
        ahead = (self.target - self.eye) / np.linalg.norm(self.target - self.eye)
        right = np.cross(ahead, [0, 0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(ahead, right)
        c, s = np.cos(np.radians(self.roll_deg)), np.sin(np.radians(self.roll_deg))
        return np.stack([c * right + s * down, c * down - s * right, ahead])

    def project(self, points: Floats, width: int, height: int) -> Floats:
        """Pixels of points (n x 3) in a picture of this size."""
        local = (points - self.eye) @ self.axes().T
        focal = width / 2 / np.tan(np.radians(self.fov_deg) / 2)
        return np.asarray(local[:, :2] / local[:, 2:] * focal + [width / 2, height / 2], np.float64)


@dataclass(frozen=True)
class Film:
    width: int
    height: int

    @property
    def crop(self) -> tuple[int, int, int, int]:
        return 0, 0, self.width, self.height

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width


@dataclass(frozen=True)
class Shot:
    """Linear light (h x w x 3), the car's share of each pixel, and how much of each plate is in sight, 0 to 1."""

    light: Array
    coverage: Array
    plates: dict[str, float]


@dataclass(frozen=True)
class Effort:
    """Paths per pixel on the car, per square of 2 x 2 pixels around it; `grid` squared rays find what a pixel shows."""

    car: int = 4
    around: int = 2
    grid: int = 2
    denoiser: str = "fast"


class Stage:
    """A car in its surroundings, ready to be seen from anywhere."""

    def __init__(self, car: Car, surroundings: Surroundings) -> None:
        self.car, self.around = car, surroundings
        self._looks = {**{f"car {name}": look for name, look in car.looks.items()}, **surroundings.looks}
        made = bsdfs(list(self._looks.values()))
        self._car = self._meshes(car.mesh, "car ", made)
        self._group = mi.load_dict({"type": "shapegroup", **self._car})
        rest = self._meshes(surroundings.mesh, "", made)
        self._rest = mi.load_dict({"type": "shapegroup", **rest})

    def _meshes(self, mesh: Mesh, prefix: str, made: dict[str, Any]) -> dict[str, Any]:
        """A mesh for each finish, and one for each strength of glow."""
        groups: dict[tuple[str, float], list[Part]] = {}
        names = list(self._looks)
        for part in mesh.parts:
            look, index = self._looks[prefix + part.material], names.index(prefix + part.material)
            uv = np.full_like(part.uv, 0.5) if look.plain else part.uv
            placed = replace(part, uv=swatches.placed(uv, index))
            groups.setdefault((look.finish, look.glow), []).append(placed)
        return {f"{prefix}{finish} {round(glow * 1000)}": raw_mesh(f"{prefix}{finish}", parts, made[finish])
                for (finish, glow), parts in groups.items()}  # fmt: skip

    def scene(self, pose: Pose, turn: float) -> Any:
        """`turn` is how far the lamps have turned around the car, which happens when the car turns before them."""
        sky = sky_emitter(self.around.sky)
        return mi.load_dict(
            {
                "type": "scene",
                "integrator": {"type": "path", "max_depth": DEPTH, "rr_depth": 4},
                "sensor": _sensor(pose),
                "sky": sky,
                **{f"lamp_{k}": _lamp(lamp, turn) for k, lamp in enumerate(self.around.lamps)},
                "car_group": self._group,
                "rest_group": self._rest,
                "car": mi.load_dict({"type": "instance", "shapegroup": self._group}),
                "rest": mi.load_dict({"type": "instance", "shapegroup": self._rest}),
            }
        )

    def shoot(self, pose: Pose, film: Film, effort: Effort, seed: int, turn: float = 0.0) -> Shot:
        scene = self.scene(pose, turn)
        tracer = Tracer(scene, film)
        ours = {int(number(mi.ShapePtr(mesh))[0]): int(name.split()[-1]) / 1000 for name, mesh in self._car.items()}
        every = np.arange(film.width * film.height)
        surfaces = tracer.surface(every, 1, effort.grid, ours).reshape(*film.shape, 8)
        light = self._light(tracer, film, surfaces, effort, seed)
        clean = denoise(light, surfaces[..., 2:5], surfaces[..., 5:8], effort.denoiser)
        glow = surfaces[..., 1:2] * (1.0 if self.around.lit else 0.0)
        seen = {name: _seen(scene, pose, corners) for name, corners in self.car.plates.items()}
        return Shot(clean + glow, np.ascontiguousarray(surfaces[..., 0]), seen)

    def _light(self, tracer: Tracer, film: Film, surfaces: Array, effort: Effort, seed: int) -> Array:
        """The car pixel by pixel; its surroundings by squares of 2 x 2, whose colour comes from the surfaces."""
        fine = np.flatnonzero(_grown(surfaces[..., 0] > 0))
        car = spread(fine, tracer.light(fine, 1, effort.car, seed, _unchecked), film.shape)
        half = film.height // 2, film.width // 2
        coarse = np.flatnonzero(cv2.resize(surfaces[..., 0], half[::-1], interpolation=cv2.INTER_AREA) < 0.99)
        found = spread(coarse, tracer.light(coarse, 2, effort.around, seed + 1, _unchecked), half)
        albedo = np.ascontiguousarray(surfaces[..., 2:5])
        small, normal = (_resized(part, half) for part in (albedo, surfaces[..., 5:8]))
        bare = denoise(found, small, normal, effort.denoiser) / np.maximum(small, 0.02)
        whole = cv2.resize(bare, film.shape[::-1], interpolation=cv2.INTER_LINEAR) * np.maximum(albedo, 0.02)
        out = np.where(_grown(surfaces[..., 0] > 0)[..., None], car, whole)
        return np.ascontiguousarray(out, np.float32)


def _unchecked(_share: float) -> None:
    """Nothing stops a spin."""


def _resized(picture: Array, shape: tuple[int, int]) -> Array:
    flat = np.ascontiguousarray(picture)
    return np.asarray(cv2.resize(flat, shape[::-1], interpolation=cv2.INTER_AREA), np.float32)


def _grown(mask: Bools) -> Bools:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _sensor(pose: Pose) -> dict[str, Any]:
    look = mi.ScalarTransform4f().look_at(
        origin=pose.eye.tolist(), target=pose.target.tolist(), up=(-pose.axes()[1]).tolist()
    )
    return {
        "type": "perspective", "fov": pose.fov_deg, "fov_axis": "x", "near_clip": 0.05, "to_world": look,
        "film": {"type": "hdrfilm", "rfilter": {"type": "box"}, "width": ANY_FILM, "height": ANY_FILM},
        "sampler": {"type": "independent"},
    }  # fmt: skip


def _lamp(lamp: Lamp, turn: float) -> Any:
    mesh = Mesh().quad("lamp", lamp.corners @ turn_z(turn).T)
    return raw_mesh("lamp", mesh.parts, mi.load_dict({"type": "diffuse"}), lamp.radiance)


def _seen(scene: Any, pose: Pose, corners: Floats) -> float:
    """The share of a plate's face that nothing hides and that looks towards the camera."""
    out = np.cross(corners[1] - corners[0], corners[0] - corners[3])
    if (pose.eye - corners.mean(0)) @ out <= 0:
        return 0.0
    u, v = (grid.ravel() for grid in np.meshgrid(np.linspace(0.05, 0.95, 12), np.linspace(0.1, 0.9, 4)))
    across, down = corners[1] - corners[0], corners[3] - corners[0]
    points = corners[0] + u[:, None] * across + v[:, None] * down + out / np.linalg.norm(out) * 0.004
    way = points - pose.eye
    far = np.linalg.norm(way, axis=1)
    directions = way / far[:, None]
    ray = mi.Ray3f(mi.Point3f(pose.eye.tolist()), mi.Vector3f(directions.T.astype(np.float32)))
    reach: Any = mi.Float(far.astype(np.float32) - 0.004)
    ray.maxt = reach
    hidden = np.array(scene.ray_test(ray))
    return float(1 - hidden.mean())
