"""What is seen through the windows: seats, dashboard, steering wheel on the left, stickers."""

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh, turn_y
from functions.inference.engines.render.vehicles import lettering
from functions.inference.engines.render.vehicles.fittings import at_side, on_screen
from functions.inference.engines.render.vehicles.lettering import Spot
from functions.inference.engines.render.vehicles.shell import vec
from functions.inference.engines.render.vehicles.solid import Solid

LEAN = np.radians(20)


def furnish(solid: Solid) -> Mesh:
    mesh, belt = Mesh(), solid.spec.belt
    front, rear = solid.spec.seat_rows
    for side in (1, -1):
        _seat(mesh, front, 0.37 * side, belt, 0.50)
        _seat(mesh, rear, 0.37 * side, belt, 0.60)
    _dashboard(mesh, solid)
    mesh.box("lining", (front - 0.05, 0, belt - 0.42), (0.9, 0.22, 0.22), 0.04)
    mesh.box("lining", (-1.55, 0, belt - 0.10), (0.75, 1.2, 0.04), 0.01)
    mesh.box("under", (0.0, 0, belt - 0.72), (3.0, 1.5, 0.04), 0.01)
    _stickers(mesh, solid)
    return mesh


def _seat(mesh: Mesh, x: float, y: float, belt: float, width: float) -> None:
    tilt = turn_y(-LEAN)
    back = np.array([x - 0.30, y, belt - 0.20])
    mesh.box("seat", (x, y, belt - 0.46), (0.52, width, 0.15), 0.05)
    mesh.box("seat", back, (0.13, width, 0.60), 0.05, turn=tilt)
    mesh.box("seat_edge", back + vec(0.045, 0, 0.02), (0.06, width * 0.55, 0.50), 0.03, turn=tilt)
    mesh.box("seat", back + vec(-0.125, 0, 0.385), (0.09, 0.26, 0.17), 0.04, turn=tilt)
    for dy in (-0.06, 0.06):
        mesh.rod("chrome", back + vec(-0.09, dy, 0.26), back + vec(-0.115, dy, 0.34), 0.007, sides=6)


def _dashboard(mesh: Mesh, solid: Solid) -> None:
    belt = solid.spec.belt
    mesh.box("dash", (0.86, 0, belt - 0.13), (0.42, 1.36, 0.20), 0.06)
    mesh.box("dash", (0.74, 0.37, belt - 0.03), (0.20, 0.36, 0.08), 0.03)
    mesh.box("gloss_black", (0.66, 0.0, belt - 0.03), (0.02, 0.28, 0.15), 0.006)
    turn = np.linspace(0, 2 * np.pi, 33)[:-1]
    ring = np.c_[np.zeros(32), 0.185 * np.cos(turn), 0.185 * np.sin(turn)] @ turn_y(np.radians(-25)).T
    middle = np.array([0.52, 0.37, belt - 0.07])
    mesh.tube("dash", ring + middle, 0.016, 8, closed=True)
    mesh.box("dash", middle + vec(0.03, 0, 0), (0.05, 0.34, 0.05), 0.02)
    screen = on_screen(solid, 0.0, solid.spec.glazing.screen[1] - 0.05)
    mesh.box("gloss_black", screen - vec(0.10, 0, 0.03), (0.03, 0.24, 0.07), 0.012)


def _stickers(mesh: Mesh, solid: Solid) -> None:
    """A test badge low on the left of the windscreen, and a stock note in the right rear window."""
    low = solid.spec.glazing.screen[0]
    corner = on_screen(solid, 0.50, low + 0.12)
    above = on_screen(solid, 0.50, low + 0.20) - corner
    up = above / np.linalg.norm(above)
    along = np.array([0, 1.0, 0])
    lettering.panel(mesh, "sticker_test", Spot(corner, along, up), (0.09, 0.07), -0.012)
    z = solid.spec.belt + 0.13
    side = at_side(solid, np.array([-0.55]), np.array([z]), -1)[0]
    higher = at_side(solid, np.array([-0.55]), np.array([z + 0.1]), -1)[0] - side
    spot = Spot(side, np.array([1.0, 0, 0]), higher / np.linalg.norm(higher))
    lettering.panel(mesh, "sticker_stock", spot, (0.24, 0.17), -0.014)
