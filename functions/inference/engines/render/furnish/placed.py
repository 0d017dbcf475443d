"""A piece that has its place, and the axes of the group that it belongs to."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.polygons import rectangle
from functions.inference.vision.arrays import Floats


@dataclass(frozen=True, eq=False)
class Placed:
    """A piece in the room: `footprint` is its corners on the floor, `height` that of its top over the floor."""

    name: str
    local: Mesh
    centre: Floats
    footprint: Floats
    height: float
    turn: float
    z: float = 0.0
    flat: bool = False
    on_wall: bool = False
    variant: str = ""

    @cached_property
    def mesh(self) -> Mesh:
        """The mesh in room coordinates."""
        return Mesh().put(self.local, (self.centre[0], self.centre[1], self.z), self.turn)

    @property
    def stands(self) -> bool:
        return not (self.flat or self.on_wall)


@dataclass(frozen=True)
class Frame:
    """A group's own axes: `a` along the wall behind it, `d` out into the room."""

    base: Floats
    turn: float

    @cached_property
    def along(self) -> Floats:
        return np.array([np.cos(self.turn), np.sin(self.turn)])

    @cached_property
    def out(self) -> Floats:
        return np.array([np.sin(self.turn), -np.cos(self.turn)])

    def at(self, a: float, d: float) -> Floats:
        return np.asarray(self.base + self.along * a + self.out * d, np.float64)


def footprint_of(mesh: Mesh, centre: Floats, turn: float) -> tuple[Floats, float]:
    """Corners on the floor of everything in a mesh, leaves included, and its height."""
    return upright_box(*mesh.bounds(), centre, turn)


def upright_box(low: Floats, high: Floats, centre: Floats, turn: float) -> tuple[Floats, float]:
    middle = (low[:2] + high[:2]) / 2
    c, s = np.cos(turn), np.sin(turn)
    offset = np.array([c * middle[0] - s * middle[1], s * middle[0] + c * middle[1]])
    return rectangle(centre + offset, high[0] - low[0], high[1] - low[1], turn), float(high[2])
