"""The synthetic rooms as triangle meshes: shell, window, door, skirting and extras."""

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh
from tests.support.rooms import Truth
from tests.support.rooms.plans import Plan

NEAR = -0.5  # the wall behind the camera


class Wall:
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


def shell(plan: Plan) -> None:
    t, mesh = plan.truth, plan.parts
    scale = 2.1 if plan.floor == "wood" else 1.6
    corners = np.array([[t.left, NEAR, 0], [t.right, NEAR, 0], [t.right, t.back, 0], [t.left, t.back, 0]])
    uv = corners[:, [0, 1] if plan.plank_turn else [1, 0]] / scale
    mesh.add("floor", corners, [[0, 1, 2], [0, 2, 3]], uv)
    mesh.quad("ceiling", corners[::-1] + np.array([0, 0, t.height]))
    mesh.quad("wall", [[t.left, NEAR, 0], [t.right, NEAR, 0], [t.right, NEAR, t.height], [t.left, NEAR, t.height]])
    for index in range(3):
        wall = Wall(t, index)
        if index == plan.window_wall:
            _window(plan, wall)
        else:
            wall.quad(mesh, "wall", (wall.low, wall.high), (0, t.height))
        _skirting(plan, wall)
    for index, at in _doors(plan):
        _door(plan, Wall(t, index), at)
    for number, thing in enumerate(plan.clutter):
        low, high = np.array(thing.low), np.array(thing.high)
        mesh.box(f"clutter{number}", (low + high) / 2, high - low, 0.01)


def extras(plan: Plan) -> None:
    """A radiator under the window, a socket, a curtain pole, two ceiling lights."""
    assert plan.window_wall is not None
    t, wall, mesh = plan.truth, Wall(plan.truth, plan.window_wall), plan.parts
    at = plan.window_at
    for k in range(18):
        u = at - 0.6 + k * 1.2 / 18
        wall.box(mesh, "trim", (u + 0.008, u + 1.2 / 18 - 0.008), (0.16, 0.66), (0.03, 0.10))
    wall.box(mesh, "trim", (at - 0.6, at + 0.6), (0.20, 0.24), (0.05, 0.09))
    wall.box(mesh, "trim", (at - 0.6, at + 0.6), (0.58, 0.62), (0.05, 0.09))
    other = Wall(t, 1 if plan.window_wall != 1 else 2)
    other.box(mesh, "trim", (1.6, 1.68), (0.28, 0.36), (0, 0.01))
    for y in (1.6, 3.2):
        mesh.lathe("lamp", [(0, t.height - 0.012), (0.05, t.height - 0.012)], ((t.left + t.right) / 2, y, 0), 24)


def _doors(plan: Plan) -> list[tuple[int, float]]:
    return [(plan.door_wall, plan.door_at)] + ([plan.second_door] if plan.second_door else [])


def _skirting(plan: Plan, wall: Wall) -> None:
    gaps = sorted(at for index, at in _doors(plan) if index == wall.index)
    starts, ends = [wall.low, *(at + 0.5 for at in gaps)], [*(at - 0.5 for at in gaps), wall.high]
    for u in zip(starts, ends, strict=True):
        if u[1] > u[0]:
            wall.box(plan.parts, "trim", u, (0, plan.skirting), (0, 0.016))


def _window(plan: Plan, wall: Wall) -> None:
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


def _frame(mesh: Mesh, wall: Wall, u: tuple[float, float], z: tuple[float, float], deep: float) -> None:
    bar, w = 0.055, (-deep + 0.01, -deep + 0.06)
    middle = (u[0] + u[1]) / 2
    for at in (u[0], middle - bar / 2, u[1] - bar):
        wall.box(mesh, "trim", (at, at + bar), z, w)
    for at in (z[0], z[1] - bar):
        wall.box(mesh, "trim", u, (at, at + bar), w)


def _door(plan: Plan, wall: Wall, at: float) -> None:
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
