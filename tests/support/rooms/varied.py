"""Synthetic rooms for the benchmark, less alike than the committed ones; made on demand into a folder.

`python -m tests.support.rooms.varied SET FOLDER`. Sets that share no room: on `tuning` the reading is
tuned, `held_out` measures it, and `fresh` confirms what was changed after a look at `held_out`.
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tests.support.rooms import Truth
from tests.support.rooms.generate import make, prepare_mitsuba
from tests.support.rooms.plans import Clutter, Plan, Rng

SETS = {"tuning": (20_000, 20), "held_out": (70_000, 32), "fresh": (130_000, 10)}
"""First seed and number of rooms."""

FLOORS = (
    ("wood", "a47a4f"), ("wood", "5d3f2b"), ("wood", "c9ad86"), ("wood", "9c958b"), ("wood", "7d4b32"),
    ("carpet", "b8ad9c"), ("carpet", "6f7480"), ("tile", "cfc8bb"), ("tile", "8f8a84"), ("tile", "e6e3dc"),
)  # fmt: skip
PAINTS = ("f2efe8", "e3dccb", "c8d0d2", "a9b5a2", "8d98a6", "d9c2a8", "6d6a66", "b98f7a")
THINGS = (("radiator", "eceae4"), ("cabinet", "8a6a4a"), ("column", "e9e6df"), ("crate", "7a5a38"), ("unit", "f0eee8"))


@dataclass(frozen=True)
class _Shape:
    """What the camera stands in: extents in metres, the camera's angles in degrees."""

    yaw: float
    left: float
    right: float
    back: float


def _shape(rng: Rng) -> _Shape:
    width, depth = rng.uniform(2.6, 6.4), rng.uniform(3.0, 7.2)
    corner = bool(rng.random() < 0.5)
    yaw = rng.uniform(15, 43) * rng.choice([-1, 1]) if corner else rng.uniform(-13, 13)
    shift = -np.sign(yaw) * width * rng.uniform(0.22, 0.36) if corner else rng.uniform(-0.3, 0.3) * width
    return _Shape(float(yaw), float(-width / 2 - shift), float(width / 2 - shift), float(depth - 0.5))


def _thing(rng: Rng, shape: _Shape) -> Clutter:
    """Something that stands at a wall or in the room, at least 1.4 m ahead of the camera."""
    name, colour = THINGS[int(rng.integers(len(THINGS)))]
    size = {
        "radiator": (0.12, 1.1, 0.62), "cabinet": (0.45, 1.0, 0.85), "column": (0.32, 0.32, 9.0),
        "crate": (0.5, 0.6, 0.45), "unit": (0.6, 1.8, 0.9),
    }[name]  # fmt: skip
    deep, wide, high = size
    y = float(rng.uniform(1.4, max(1.5, shape.back - wide - 0.1)))
    if name in ("column", "crate"):
        x = float(rng.uniform(shape.left + 0.4, shape.right - 0.4 - deep))
    else:
        x = shape.left if rng.random() < 0.5 else shape.right - deep
    return Clutter((x, y, 0.0), (x + deep, y + wide, high), colour)


def _walls_of_openings(rng: Rng) -> tuple[int | None, int]:
    window = int(rng.integers(4))
    door = int(rng.choice([wall for wall in range(3) if wall != window]))
    return (None if window == 3 else window), door


def _along(rng: Rng, shape: _Shape, wall: int, margin: float) -> float:
    low, high = (shape.left, shape.right) if wall == 0 else (0.9, shape.back)
    return float(rng.uniform(low + margin, max(low + margin + 0.01, high - margin)))


def plan(name: str, seed: int) -> Plan:
    """The room of a seed, always the same one."""
    rng = np.random.default_rng(seed)
    shape = _shape(rng)
    portrait = bool(rng.random() < 0.18)
    window, door = _walls_of_openings(rng)
    height = float(rng.uniform(2.35, 3.1))
    things = tuple(_thing(rng, shape) for _ in range(int(rng.integers(1, 4)))) if rng.random() < 0.3 else ()
    things = tuple(replace(thing, high=(*thing.high[:2], min(thing.high[2], height - 0.005))) for thing in things)
    floor, plank = FLOORS[int(rng.integers(len(FLOORS)))]
    paint = PAINTS[int(rng.integers(len(PAINTS)))]
    wall = np.array([int(paint[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)
    span, sill = (float(rng.uniform(0.8, 2.2)), float(rng.uniform(0.9, 1.5))), float(rng.choice([0.12, 0.6, 0.85, 1.0]))
    window_at, door_at = _along(rng, shape, window or 0, span[0] / 2 + 0.15), _along(rng, shape, door, 0.6)
    fov = float(rng.uniform(42, 68) if portrait else rng.uniform(55, 95))
    truth = Truth(
        name=name,
        yaw=shape.yaw,
        pitch=float(rng.uniform(-3, 12)),
        roll=float(rng.normal(0, 1.0)),
        horizontal_fov=fov,
        camera_height=float(rng.uniform(1.05, 1.65)),
        left=shape.left,
        right=shape.right,
        back=shape.back,
        height=height,
        distortion=float(rng.uniform(-0.07, 0.03)) if rng.random() < 0.25 else 0.0,
        clutter=tuple((*thing.low[:2], *thing.high) for thing in things),
        doors=((door, door_at - 0.42, door_at + 0.42),),
        windows=()
        if window is None
        else ((window, window_at - span[0] / 2, window_at + span[0] / 2, sill, sill + span[1]),),
    )
    return Plan(
        truth=truth, floor=floor, plank=plank, wall=wall, door=str(rng.choice(["ecebe6", "8a5a38", "f4f3ef"])),
        window_wall=window, window_at=window_at, window_size=span, window_sill=sill, door_wall=door, door_at=door_at,
        skirting=float(rng.uniform(0.0, 0.14)), width=600 if portrait else 800, height=800 if portrait else 600,
        samples=16, sun=bool(rng.random() < 0.3), seed=seed, plank_turn=bool(rng.random() < 0.4),
        exposure=float(rng.uniform(0.45, 0.85)), clutter=things,
    )  # fmt: skip


def plans(which: str) -> list[Plan]:
    first, count = SETS[which]
    return [plan(f"{which}-{i:02}", first + i) for i in range(count)]


def truths(which: str, folder: Path) -> list[Truth]:
    """The rooms of a set, their pictures made in `folder` where they are not there yet."""
    wanted = plans(which)
    missing = [p for p in wanted if not (folder / f"{p.truth.name}.jpg").exists()]
    if missing:
        prepare_mitsuba()
    for room in missing:
        make(room, folder / f"{room.truth.name}.jpg")
        print(f"made {room.truth.name}", flush=True)
    (folder / "truth.json").write_text(json.dumps([p.truth.as_dict() for p in wanted], indent=1) + "\n")
    return [p.truth for p in wanted]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=tuple(SETS))
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    truths(args.which, args.folder)


if __name__ == "__main__":
    main()
