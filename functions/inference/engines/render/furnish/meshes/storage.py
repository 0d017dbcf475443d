"""Sideboards, consoles, bookcases, nightstands, dressers; the style chooses their fronts, feet and handles."""

from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.meshes.decor import books, bowl, knot, table_lamp, vase
from functions.inference.engines.render.furnish.meshes.upholstery import legs, plinth, turned_legs
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.vision.arrays import Floats

Rng = np.random.Generator


@dataclass(frozen=True)
class Panel:
    """A door's or drawer's place on a front that looks to -y: its middle and size."""

    x: float
    z: float
    y: float
    width: float
    height: float


def _feet(mesh: Mesh, style: StyleSpec, width: float, depth: float, height: float) -> None:
    if style.feet == "plinth":
        plinth(mesh, "wood2", width, depth, height, 0.02)
    elif style.feet == "turned":
        turned_legs(mesh, "wood2", width, depth, height, 0.03, 0.06)
    elif style.feet == "metal":
        for sx in (-1, 1):
            x = sx * (width / 2 - 0.05)
            for sy in (-1, 1):
                mesh.box("metal", (x, sy * (depth / 2 - 0.04), height / 2), (0.022, 0.022, height), 0.003)
            mesh.box("metal", (x, 0, 0.011), (0.022, depth - 0.06, 0.022), 0.003)
    else:
        legs(mesh, "wood2", width, depth, height, 0.017, 0.09, 0.02)


def _front(mesh: Mesh, style: StyleSpec, panel: Panel) -> None:
    """One door or drawer."""
    at, w, h = (panel.x, panel.y - 0.008, panel.z), panel.width, panel.height
    if style.front == "fluted":
        _flutes(mesh, panel)
        return
    mesh.box("wood2", at, (w, 0.018, h), 0.004)
    if style.front == "shaker" and min(w, h) > 0.16:
        _rails(mesh, panel, 0.05, "wood2")
    elif style.front == "cane" and min(w, h) > 0.16:
        mesh.box("cane", (panel.x, panel.y - 0.018, panel.z), (w - 0.07, 0.004, h - 0.07), 0.001)
        _rails(mesh, panel, 0.035, "wood2")
    elif style.front == "inlay":
        mesh.tube("metal", _outline(panel, 0.035), 0.004, 6, closed=True)


def _outline(panel: Panel, inset: float) -> Floats:
    x, z = panel.width / 2 - inset, panel.height / 2 - inset
    corners = np.array([[-x, -z], [x, -z], [x, z], [-x, z]]) + np.array([panel.x, panel.z])
    along = np.concatenate([np.linspace(a, b, 6)[:-1] for a, b in zip(corners, np.roll(corners, -1, 0), strict=True)])
    return np.asarray(np.c_[along[:, 0], np.full(len(along), panel.y - 0.018), along[:, 1]], np.float64)


def _rails(mesh: Mesh, panel: Panel, rail: float, material: str) -> None:
    y = panel.y - 0.021
    for side in (-1, 1):
        x, z = panel.x + side * (panel.width - rail) / 2, panel.z + side * (panel.height - rail) / 2
        mesh.box(material, (x, y, panel.z), (rail, 0.012, panel.height), 0.002)
        mesh.box(material, (panel.x, y, z), (panel.width - 2 * rail, 0.012, rail), 0.002)


def _flutes(mesh: Mesh, panel: Panel) -> None:
    """A front of half rounds."""
    many = max(4, round(panel.width / 0.03))
    x = np.linspace(0, 1, 6 * many + 1)
    wave = 0.013 * np.abs(np.sin(np.pi * x * many)) ** 0.6
    px = panel.x + (x - 0.5) * panel.width
    rows = [np.c_[px, panel.y - 0.003 - wave, np.full(len(x), panel.z + s * panel.height / 2)] for s in (-1, 1)]
    n = len(x)
    p = np.arange(n - 1)
    vertices = np.concatenate(rows)
    uv = vertices[:, [2, 0]]
    mesh.add("wood2", vertices, np.r_[np.c_[p, p + 1, p + n], np.c_[p + 1, p + n + 1, p + n]], uv)


def _handle(mesh: Mesh, style: StyleSpec, x: float, y: float, z: float, upright: bool) -> None:
    if style.handle == "none":
        return
    if style.handle == "knob":
        for r, out in ((0.007, 0.012), (0.016, 0.022)):
            mesh.rod("metal", (x, y, z), (x, y - out, z), r, sides=12)
        return
    if style.handle == "ring":
        a = np.linspace(0, 2 * np.pi, 21)[:-1]
        ring = np.c_[x + 0.026 * np.cos(a), np.full(20, y - 0.014), z - 0.026 + 0.026 * np.sin(a)]
        mesh.tube("metal", ring, 0.004, 6, closed=True).rod("metal", (x, y, z), (x, y - 0.018, z), 0.009, sides=12)
        return
    d = np.array([0, 0, 0.07]) if upright else np.array([0.07, 0, 0])
    at = np.array([x, y - 0.024, z])
    mesh.rod("metal", at - d, at + d, 0.006, sides=10)
    for k in (-0.8, 0.8):
        mesh.rod("metal", at + d * k, at + d * k + [0, 0.024, 0], 0.004, sides=8)


def _carcass(mesh: Mesh, style: StyleSpec, width: float, depth: float, height: float, foot: float) -> None:
    mesh.box("wood2", (0, 0, foot + (height - foot) / 2), (width, depth, height - foot), 0.008)
    if style.stone_tops:
        mesh.box("stone", (0, 0, height + 0.010), (width + 0.01, depth + 0.01, 0.022), 0.004)
    _feet(mesh, style, width - 0.04, depth - 0.02, foot)


def _top(style: StyleSpec, height: float) -> float:
    return height + (0.021 if style.stone_tops else 0.0)


def sideboard(style: StyleSpec, rng: Rng, width: float = 1.7, height: float = 0.8) -> Mesh:
    """A low cupboard with doors, books, a lamp and a vase on it."""
    d, foot, mesh = 0.42, 0.16, Mesh()
    _carcass(mesh, style, width, d, height, foot)
    doors = max(2, round(width / 0.45))
    step = width / doors
    for i in range(doors):
        x = -width / 2 + step * (i + 0.5)
        _front(mesh, style, Panel(x, foot + (height - foot) / 2, -d / 2, step - 0.008, height - foot - 0.03))
        hinge = 1 if i % 2 == 0 else -1
        _handle(mesh, style, x + hinge * (step / 2 - 0.05), -d / 2 - 0.02, foot + (height - foot) * 0.55, True)
    z = _top(style, height)
    mesh.put(table_lamp(style), (-width * 0.34, 0, z)).put(books(rng), (width * 0.02, 0, z))
    mesh.put(knot(rng, "ceramic2"), (width * 0.03, 0, z + 0.075))
    return mesh.put(vase(rng, "ceramic", 0.3, 0.08), (width * 0.32, 0, z))


def console(style: StyleSpec, rng: Rng, width: float = 1.2) -> Mesh:
    """A narrow hall table with a lamp, books and a vase."""
    d, h, mesh = 0.34, 0.80, Mesh()
    top = "stone" if style.stone_tops else "wood"
    mesh.box(top, (0, 0, h - 0.015), (width, d, 0.03), 0.006)
    if style.front in ("shaker", "fluted", "cane", "inlay"):
        mesh.box("wood2", (0, 0, h - 0.10), (width - 0.06, d - 0.03, 0.14), 0.005)
        for k in (-1, 1):
            _front(mesh, style, Panel(k * width / 4, h - 0.10, -d / 2 + 0.015, width / 2 - 0.06, 0.115))
            _handle(mesh, style, k * width / 4, -d / 2 - 0.004, h - 0.10, False)
    _console_base(mesh, style, width, d, h - 0.03)
    mesh.put(table_lamp(style), (-width * 0.32, 0, h)).put(books(rng), (width * 0.08, 0, h))
    mesh.put(vase(rng, "ceramic", 0.26, 0.07), (width * 0.36, 0, h))
    return mesh.put(bowl("ceramic2", 0.11), (-width * 0.06, -0.04, h))


def _console_base(mesh: Mesh, style: StyleSpec, w: float, d: float, h: float) -> None:
    if style.feet == "turned":
        turned_legs(mesh, "wood", w, d, h, 0.032, 0.06)
    elif style.feet == "metal":
        for sx in (-1, 1):
            for sy in (-1, 1):
                mesh.box("metal", (sx * (w / 2 - 0.02), sy * (d / 2 - 0.02), h / 2), (0.022, 0.022, h), 0.003)
    elif style.feet == "plinth":
        for sx in (-1, 1):
            mesh.box("wood", (sx * (w / 2 - 0.12), 0, h / 2), (0.12, d - 0.05, h), 0.05)
        return
    else:
        legs(mesh, "wood", w, d, h, 0.018, 0.05)
    mesh.box("wood2", (0, 0, 0.18), (w - 0.08, d - 0.04, 0.02), 0.005)


def nightstand(style: StyleSpec) -> Mesh:
    """A bedside cabinet with two drawers and a lamp."""
    w, d, h, foot, mesh = 0.48, 0.40, 0.54, 0.14, Mesh()
    _carcass(mesh, style, w, d, h, foot)
    for k in range(2):
        z = foot + (h - foot) * (0.26 + 0.48 * k)
        _front(mesh, style, Panel(0, z, -d / 2, w - 0.03, (h - foot) / 2 - 0.02))
        _handle(mesh, style, 0, -d / 2 - 0.02, z, False)
    z = _top(style, h)
    mesh.put(table_lamp(style), (0, 0.04, z))
    return mesh.box("accent2", (0.14, -0.11, z + 0.012), (0.12, 0.17, 0.022), 0.002)


def dresser(style: StyleSpec, rng: Rng, width: float = 1.1) -> Mesh:
    """A chest of six drawers."""
    d, h, foot, mesh = 0.46, 0.82, 0.12, Mesh()
    _carcass(mesh, style, width, d, h, foot)
    for column in (-1, 1):
        for row in range(3):
            z, x = foot + (h - foot) * (row + 0.5) / 3, column * width / 4
            _front(mesh, style, Panel(x, z, -d / 2, width / 2 - 0.02, (h - foot) / 3 - 0.02))
            _handle(mesh, style, x, -d / 2 - 0.02, z, False)
    mesh.put(vase(rng, "ceramic", 0.24, 0.07), (width * 0.3, 0, _top(style, h)))
    return mesh.put(books(rng), (-width * 0.2, 0, _top(style, h)))


_COVERS = ("light", "accent", "accent2", "dark", "ceramic", "wood")


def bookcase(style: StyleSpec, rng: Rng, width: float = 0.9, height: float = 1.85) -> Mesh:
    """Five shelves of books and vases, in a case with a back or in an open metal frame."""
    d, shelves, mesh = 0.32, 5, Mesh()
    if style.feet == "metal":
        for sx in (-1, 1):
            for sy in (-1, 1):
                mesh.box("metal", (sx * (width / 2 - 0.011), sy * (d / 2 - 0.011), height / 2), (0.022, 0.022, height))
    else:
        for sx in (-1, 1):
            mesh.box("wood2", (sx * (width / 2 - 0.012), 0, height / 2), (0.024, d, height))
        mesh.box("wood2", (0, d / 2 - 0.006, height / 2), (width - 0.03, 0.012, height))
    if style.front == "shaker":
        mesh.box("wood2", (0, 0, height + 0.02), (width + 0.06, d + 0.04, 0.05), 0.014)
        mesh.box("wood2", (0, -0.004, 0.045), (width + 0.02, d + 0.01, 0.09), 0.006)
    for i in range(shelves + 1):
        mesh.box("wood2", (0, 0, 0.012 + (height - 0.024) * i / shelves), (width - 0.03, d, 0.024))
    for i in range(shelves):
        _shelf(mesh, rng, width, 0.024 + (height - 0.024) * i / shelves, i)
    return mesh


def _shelf(mesh: Mesh, rng: Rng, width: float, z: float, row: int) -> None:
    """Books from the left, and a vase where they leave room."""
    x, end = -width / 2 + 0.05, width / 2 - 0.06 - (rng.uniform(0.15, 0.5) if row % 2 else 0.05)
    by_cover: dict[str, list[Floats]] = {}
    while x < end:
        t, h = rng.uniform(0.018, 0.045), rng.uniform(0.19, 0.28)
        corners = np.array([[sx, sy, sz] for sz in (0, h) for sx, sy in ((0, -0.1), (t, -0.1), (t, 0.1), (0, 0.1))])
        by_cover.setdefault(str(rng.choice(_COVERS)), []).append(corners[_BOX_CORNERS] + (x, 0.02, z))
        x += t + 0.001
    for cover, found in by_cover.items():
        vertices = np.concatenate(found)
        mesh.add(cover, vertices, np.arange(len(vertices)).reshape(-1, 3))
    if end < width / 2 - 0.2:
        mesh.put(vase(rng, ("ceramic", "ceramic2", "metal")[row % 3], 0.17, 0.07, False), (width / 2 - 0.16, 0, z))


# Sides and top of a box of eight corners, bottom ring first; a book needs no rounded edges and no underside.
_BOX_CORNERS = np.array(
    [[0, 1, 5], [0, 5, 4], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7], [4, 5, 6], [4, 6, 7]]
).ravel()
