"""Mitsuba scenes of the furnished and the empty room.

Every scene has the same make-up (the same meshes and BSDFs, three emitters of as many triangles, the same bounds), so
that all scenes share the compiled kernels in Dr.Jit's cache: what Mitsuba takes for a constant, the number of meshes
included, becomes part of the machine code.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import mitsuba as mi
import numpy as np

from functions.inference.engines.render.furnish.materials import Material, material
from functions.inference.engines.render.furnish.meshes.builder import Mesh, Part
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.engines.render.read.light import Light, Window
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.render import swatches
from functions.inference.engines.render.render.swatches import aligned
from functions.inference.engines.render.render.view import View
from functions.inference.vision.arrays import Array, Floats

AMBIENT = 0.16
OVERHEAD, OVERHEAD_WITH_WINDOWS = 2.4, 1.4
ENOUGH_WINDOW_M2 = 1.5
WINDOW_QUADS = 6
BOUNDS_M = 60.0
BEHIND_CAMERA_M = -2.0
BUMP_SCALE = 0.005
ANY_FILM = 64

Scene = Any
MiDict = dict[str, Any]


def _rgb(colour: Iterable[float]) -> MiDict:
    return {"type": "rgb", "value": [float(v) for v in colour]}


def _bitmap(pixels: Array) -> MiDict:
    bitmap = mi.Bitmap(np.ascontiguousarray(pixels, dtype=np.float32))
    return {"type": "bitmap", "bitmap": bitmap, "raw": True, "filter_type": "bilinear"}


def _bsdf(look: Material) -> MiDict:
    principled = {
        "type": "principled",
        "base_color": _bitmap(look.colour),
        "roughness": look.roughness,
        "specular": look.specular,
        "sheen": look.sheen,
        "sheen_tint": 0.5,
        "metallic": look.metallic,
    }
    if look.bump is None:
        return {"type": "twosided", "bsdf": principled}
    bumped = {"type": "bumpmap", "arbitrary": _bitmap(look.bump), "scale": BUMP_SCALE, "bsdf": principled}
    return {"type": "twosided", "bsdf": bumped}


def _flat(colour: Iterable[float], roughness: float = 0.9, specular: float = 0.1) -> Material:
    patch = np.broadcast_to(np.asarray(list(colour), np.float32), (2, 2, 3))
    return Material(np.ascontiguousarray(patch), None, 1.0, roughness, specular)


def _mi_mesh(name: str, parts: Sequence[Part], look: Material, radiance: Iterable[float] | None = None) -> Any:
    scaled = [replace(part, uv=part.uv * look.uv_scale) for part in parts]
    return raw_mesh(name, scaled, mi.load_dict(_bsdf(look)), radiance)


def raw_mesh(name: str, parts: Sequence[Part], bsdf: Any, radiance: Iterable[float] | None = None) -> Any:
    vertices = np.concatenate([p.vertices for p in parts])
    offsets = np.cumsum([0] + [len(p.vertices) for p in parts[:-1]])
    faces = np.concatenate([p.faces + o for p, o in zip(parts, offsets, strict=True)])
    properties = mi.Properties()
    properties["mesh_bsdf"] = bsdf
    if radiance is not None:
        properties["mesh_emitter"] = mi.load_dict({"type": "area", "radiance": _rgb(radiance)})
    mesh = mi.Mesh(
        name, len(vertices), len(faces), has_vertex_normals=True, has_vertex_texcoords=True, props=properties
    )
    data = mi.traverse(mesh)
    data["vertex_positions"] = aligned(vertices, np.float32)
    data["vertex_normals"] = aligned(np.concatenate([p.normals for p in parts]), np.float32)
    data["vertex_texcoords"] = aligned(np.concatenate([p.uv for p in parts]), np.float32)
    data["faces"] = aligned(faces, np.uint32)
    data.update()
    return mesh


def _quads(corners: Iterable[Floats]) -> list[Part]:
    mesh = Mesh()
    for four in corners:
        mesh.quad("quad", four)
    return mesh.parts


def _specks(*signs: int) -> list[Part]:
    corners = np.array([[0, 0, 0], [1e-3, 0, 0], [1e-3, 1e-3, 0], [0, 1e-3, 0]])
    return _quads([corners + sign * BOUNDS_M for sign in signs])


def objects(mesh: Mesh, style: StyleSpec, seed: int) -> MiDict:
    """Mitsuba meshes of the furniture; what glows when looked at has a name that ends in "shade"."""
    by_material: dict[str, list[Part]] = {}
    for part in mesh.parts:
        by_material.setdefault(part.material, []).append(part)
    looks = {name: material(style, name, seed) for name in sorted(by_material)}
    if mi.variant() == "scalar_rgb":
        return {f"furniture_{name}": _mi_mesh(name, by_material[name], look) for name, look in looks.items()}
    return _by_finish(by_material, looks)


def _by_finish(by_material: dict[str, list[Part]], looks: dict[str, Material]) -> MiDict:
    """As many meshes for every scene: one per finish and one for what glows."""
    names = [*(f"finish_{i}" for i in range(len(swatches.FINISHES))), "shade"]
    groups: dict[str, list[Part]] = {name: [] for name in names}
    for number, (name, look) in enumerate(looks.items()):
        group = "shade" if name == "shade" else f"finish_{swatches.finish_of(look)}"
        groups[group] += [_on_swatch(part, look, number) for part in by_material[name]]
    finishes = swatches.bsdfs(list(looks.values()), BUMP_SCALE)
    bsdf = dict(zip(groups, [*finishes, finishes[-1]], strict=True))
    return {name: raw_mesh(name, parts or _specks(1), bsdf[name]) for name, parts in groups.items()}


def _on_swatch(part: Part, look: Material, number: int) -> Part:
    return replace(part, uv=swatches.placed(part.uv * look.uv_scale, number))


def _proxy(room: Room, light: Light) -> MiDict:
    """Floor and walls that catch shadows and bounce light."""
    left, right, back, top, near = room.left, room.right, room.back, room.height, BEHIND_CAMERA_M
    floor = np.array([[left, near, 0], [right, near, 0], [right, back, 0], [left, back, 0]])
    walls = [
        np.array([[left, back, 0], [right, back, 0], [right, back, top], [left, back, top]]),
        np.array([[left, near, 0], [left, back, 0], [left, back, top], [left, near, top]]),
        np.array([[right, back, 0], [right, near, 0], [right, near, top], [right, back, top]]),
    ]
    return {
        "proxy_floor": _mi_mesh("floor", _quads([floor]), _flat(light.floor_albedo, 0.45, 0.22)),
        "proxy_walls": _mi_mesh("walls", _quads(walls), _flat(light.wall_albedo)),
        "bounds": _mi_mesh("bounds", _specks(-1, 1), _flat([0.5] * 3)),
    }


def _window_radiance(windows: Sequence[Window]) -> float:
    area = np.array([w.area for w in windows])
    return float((area * [w.radiance for w in windows]).sum() / area.sum())


def _quartered(windows: Sequence[Window]) -> list[Floats]:
    """The windows' corners as exactly WINDOW_QUADS rectangles: the largest are cut in two."""
    quads = [w.corners for w in windows]
    while len(quads) < WINDOW_QUADS:
        quads.sort(key=lambda q: float(np.linalg.norm(np.cross(q[1] - q[0], q[3] - q[0]))))
        a, b, c, d = quads.pop()
        quads += [np.array([a, (a + b) / 2, (c + d) / 2, d]), np.array([(a + b) / 2, b, c, (c + d) / 2])]
    return quads


def _emitters(room: Room, light: Light, over: Floats) -> MiDict:
    """Daylight through the windows, a soft panel over the furniture for the ceiling's bounce, and a faint rest."""
    area = sum(w.area for w in light.windows)
    x, y, z, half = float(over[0]), float(over[1]) - 0.6, room.height + 0.6, 1.2
    panel = np.array(
        [[x - half, y - half, z], [x - half, y + half, z], [x + half, y + half, z], [x + half, y - half, z]]
    )
    overhead = OVERHEAD if area < ENOUGH_WINDOW_M2 else OVERHEAD_WITH_WINDOWS
    windows = _quads(_quartered(light.windows))
    return {
        "ambient": {"type": "constant", "radiance": _rgb(light.tint * AMBIENT)},
        "windows": _mi_mesh("windows", windows, _flat([0.8] * 3), light.tint * _window_radiance(light.windows)),
        "overhead": _mi_mesh("overhead", _quads([panel]), _flat([0.8] * 3), light.tint * overhead),
    }


def _sensor(view: View) -> MiDict:
    """The photo's camera. A film's size is compiled in; the vector variant, which needs none, has a square one."""
    camera, origin = view.room.camera, np.array([0, 0, view.room.camera_height])
    turn = camera.rotation
    look = mi.ScalarTransform4f().look_at(
        origin=origin.tolist(), target=(origin + turn[2]).tolist(), up=(-turn[1]).tolist()
    )
    x0, y0, x1, y1 = view.crop
    cropped = {
        "width": view.width, "height": view.height,
        "crop_offset_x": x0, "crop_offset_y": y0, "crop_width": x1 - x0, "crop_height": y1 - y0,
    }  # fmt: skip
    size = cropped if mi.variant() == "scalar_rgb" else {"width": ANY_FILM, "height": ANY_FILM}
    film = {"type": "hdrfilm", "rfilter": {"type": "box"}, "pixel_format": "rgb", "component_format": "float32", **size}
    return {
        "type": "perspective", "fov": camera.horizontal_fov_deg, "fov_axis": "x", "near_clip": 0.05, "to_world": look,
        "film": film, "sampler": {"type": "independent"},
    }  # fmt: skip


def build(view: View, light: Light, over: Floats, furniture: MiDict, depth: int) -> Scene:
    """The room with `furniture` (of `objects`), lit, seen by the photo's camera. `over` is the group's middle."""
    path = {"type": "path", "max_depth": depth, "rr_depth": 8}
    aov = {"type": "aov", "aovs": "albedo:albedo,normal:sh_normal", "path": path}
    return mi.load_dict(
        {
            "type": "scene",
            "integrator": aov if mi.variant() == "scalar_rgb" else path,
            "sensor": _sensor(view),
            **_proxy(view.room, light),
            **_emitters(view.room, light, over),
            **furniture,
        }
    )
