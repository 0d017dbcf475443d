"""Sideboards, consoles, bookcases, nightstands, dressers."""

import numpy as np

from functions.inference.engines.render.meshes.builder import Mesh
from functions.inference.engines.render.meshes.decor import books, table_lamp, vase
from functions.inference.engines.render.meshes.seating import legs
from functions.inference.engines.render.styles import StyleSpec

Rng = np.random.Generator


def sideboard(style: StyleSpec, rng: Rng, width: float = 1.7, height: float = 0.8) -> Mesh:
    """A low cupboard with doors, books and two vases on it."""
    d, foot = 0.42, 0.16
    mesh = Mesh().box("wood2", (0, 0, foot + (height - foot) / 2), (width, d, height - foot), 0.008)
    doors = max(2, round(width / 0.45))
    for i in range(doors):
        _door(mesh, -width / 2 + width / doors * (i + 0.5), width / doors, d, foot, height, 1 if i % 2 == 0 else -1)
    legs(mesh, "metal" if style.table == "drum" else "wood2", width, d, foot, 0.016, 0.1, 0.02)
    mesh.put(books(rng), (-width * 0.3, 0, height))
    mesh.put(vase(rng, "ceramic", 0.3, 0.08), (width * 0.32, 0, height))
    return mesh.put(vase(rng, "ceramic2", 0.18, 0.07, False), (-width * 0.08, 0.02, height))


def _door(mesh: Mesh, x: float, width: float, depth: float, foot: float, height: float, hinge: int) -> None:
    z = foot + (height - foot) / 2
    mesh.box("wood2", (x, -depth / 2 - 0.006, z), (width - 0.008, 0.016, height - foot - 0.03), 0.004)
    handle = x + hinge * (width / 2 - 0.05)
    mesh.rod("metal", (handle, -depth / 2 - 0.028, z - 0.06), (handle, -depth / 2 - 0.028, z + 0.06), 0.006, sides=10)
    for dz in (-0.05, 0.05):
        mesh.rod("metal", (handle, -depth / 2 - 0.028, z + dz), (handle, -depth / 2, z + dz), 0.004, sides=8)


def console(style: StyleSpec, rng: Rng, width: float = 1.2) -> Mesh:
    """A narrow hall table with a lamp and a bowl."""
    d, h = 0.34, 0.80
    top = "stone" if style.table == "drum" else "wood"
    mesh = Mesh().box(top, (0, 0, h - 0.015), (width, d, 0.03), 0.006)
    leg = "metal" if style.table == "drum" else "wood"
    legs(mesh, leg, width, d, h - 0.03, 0.016, 0.05)
    mesh.box("wood2", (0, 0, 0.18), (width - 0.1, d - 0.06, 0.02), 0.005)
    mesh.put(table_lamp(style), (-width * 0.32, 0, h)).put(books(rng), (width * 0.12, 0, h))
    mesh.put(vase(rng, "ceramic", 0.26, 0.07), (width * 0.36, 0, h))
    return mesh.put(vase(rng, "throw", 0.26, 0.13, False), (width * 0.2, 0, 0.19))


def nightstand(style: StyleSpec) -> Mesh:
    w, d, h, foot = 0.48, 0.40, 0.54, 0.16
    mesh = Mesh().box("wood2", (0, 0, foot + (h - foot) / 2), (w, d, h - foot), 0.01)
    for k in range(2):
        z = foot + (h - foot) * (0.27 + 0.46 * k)
        mesh.box("wood2", (0, -d / 2 - 0.006, z), (w - 0.03, 0.014, (h - foot) / 2 - 0.03), 0.004)
        mesh.rod("metal", (-0.06, -d / 2 - 0.026, z), (0.06, -d / 2 - 0.026, z), 0.006, sides=10)
    legs(mesh, "wood2", w, d, foot, 0.016, 0.06)
    return mesh.put(table_lamp(style), (0, 0, h))


def dresser(style: StyleSpec, rng: Rng, width: float = 1.1) -> Mesh:
    """A chest of six drawers."""
    d, h, foot = 0.46, 0.82, 0.12
    mesh = Mesh().box("wood2", (0, 0, foot + (h - foot) / 2), (width, d, h - foot), 0.008)
    for column in (-1, 1):
        for row in range(3):
            z = foot + (h - foot) * (row + 0.5) / 3
            x = column * width / 4
            mesh.box("wood2", (x, -d / 2 - 0.006, z), (width / 2 - 0.02, 0.014, (h - foot) / 3 - 0.02), 0.004)
            mesh.rod("metal", (x - 0.07, -d / 2 - 0.026, z), (x + 0.07, -d / 2 - 0.026, z), 0.006, sides=10)
    legs(mesh, "wood2", width, d, foot, 0.018, 0.08)
    mesh.put(vase(rng, "ceramic", 0.24, 0.07), (width * 0.3, 0, h))
    return mesh.put(books(rng), (-width * 0.2, 0, h))


_COVERS = ("light", "accent", "accent2", "dark", "ceramic", "wood")


def bookcase(style: StyleSpec, rng: Rng, width: float = 0.9, height: float = 1.85) -> Mesh:
    d, shelves = 0.32, 5
    mesh = Mesh()
    for sx in (-1, 1):
        mesh.box("wood2", (sx * (width / 2 - 0.012), 0, height / 2), (0.024, d, height))
    mesh.box("wood2", (0, d / 2 - 0.006, height / 2), (width - 0.03, 0.012, height))
    for i in range(shelves + 1):
        mesh.box("wood2", (0, 0, 0.012 + (height - 0.024) * i / shelves), (width - 0.03, d, 0.024))
    for i in range(shelves):
        _shelf(mesh, rng, width, 0.024 + (height - 0.024) * i / shelves, i)
    return mesh


def _shelf(mesh: Mesh, rng: Rng, width: float, z: float, row: int) -> None:
    x, end = -width / 2 + 0.05, width / 2 - 0.06 - (rng.uniform(0.15, 0.5) if row % 2 else 0.05)
    while x < end:
        t, h = rng.uniform(0.018, 0.045), rng.uniform(0.19, 0.28)
        corners = np.array([[sx, sy, sz] for sz in (0, h) for sx, sy in ((0, -0.1), (t, -0.1), (t, 0.1), (0, 0.1))])
        mesh.add(str(rng.choice(_COVERS)), corners[_BOX_CORNERS] + (x, 0.02, z), np.arange(30).reshape(-1, 3))
        x += t + 0.001
    if end < width / 2 - 0.2:
        mesh.put(vase(rng, ("ceramic", "ceramic2", "metal")[row % 3], 0.17, 0.07, False), (width / 2 - 0.16, 0, z))


# Sides and top of a box of eight corners, bottom ring first; a book needs no rounded edges and no underside.
_BOX_CORNERS = np.array(
    [[0, 1, 5], [0, 5, 4], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7], [4, 5, 6], [4, 6, 7]]
).ravel()
