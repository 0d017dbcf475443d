"""What the synthetic rooms look like: floors, walls, windows, doors, and where the camera stands."""

from dataclasses import dataclass, field

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.vision.arrays import Array
from tests.support.rooms import Truth

Rng = np.random.Generator


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
