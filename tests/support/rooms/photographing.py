"""A linear picture of a synthetic room by path tracing, and the photo that a camera makes of it."""

from typing import Any

import cv2
import numpy as np

from functions.inference.engines.render.read.camera import rotation
from functions.inference.engines.render.render.denoise import denoise
from functions.inference.vision.arrays import Array, Bytes
from functions.inference.vision.colour import hex_colour, to_linear, to_srgb
from tests.support.rooms import Truth
from tests.support.rooms.building import extras, shell
from tests.support.rooms.plans import Plan, Rng
from tests.support.rooms.surfaces import floor_texture, outside


def render(plan: Plan) -> Array:
    """The room as a linear picture, denoised."""
    import mitsuba as mi

    rng = np.random.default_rng(plan.seed)
    shell(plan)
    if plan.extras:
        extras(plan)
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


def develop(linear: Array, rng: Rng, exposure: float = 0.75) -> Bytes:
    """Expose like an estate agent's camera: walls bright, windows held back, a little grain. BGR."""
    exposed = linear * (exposure / np.median(linear))
    held = exposed * (1 + exposed / 14.0**2) / (1 + exposed)  # Reinhard et al. 2002, white at 14
    grainy = np.maximum(held + rng.normal(0, 0.003, held.shape), 0)
    return np.asarray(np.clip(np.rint(to_srgb(grainy) * 255), 0, 255).astype(np.uint8)[..., ::-1])


def distorted(picture: Bytes, truth: Truth) -> Bytes:
    """The picture that a lens of the truth's distortion makes of a pinhole's picture."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    source = truth.undistorted(np.c_[x.ravel(), y.ravel()].astype(float), width, height).astype(np.float32)
    maps = source[:, 0].reshape(height, width), source[:, 1].reshape(height, width)
    return np.asarray(cv2.remap(picture, *maps, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE), np.uint8)


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
