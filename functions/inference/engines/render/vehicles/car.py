"""A whole car: body, fittings, wheels, interior, and what its materials look like."""

from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.vehicles import fittings, interior, lettering, panels
from functions.inference.engines.render.vehicles.looks import PAINTS, Look, car_looks
from functions.inference.engines.render.vehicles.spec import BodySpec
from functions.inference.engines.render.vehicles.wheels import wheel
from functions.inference.vision.arrays import Floats


@dataclass(frozen=True)
class Car:
    """Stands on z 0, its front towards +x; `plates` as `Fitted` has them, `text` is what they say."""

    mesh: Mesh
    looks: dict[str, Look]
    plates: dict[str, Floats]
    text: str


def build(spec: BodySpec, paint: str, seed: int) -> Car:
    """A car of this body; paint by its name, the plate's text by the seed."""
    skin, solid = panels.body(spec)
    fitted = fittings.fit(solid)
    mesh = Mesh([*skin.parts, *fitted.mesh.parts, *interior.furnish(solid).parts])
    _wheels(mesh, spec)
    text = lettering.plate_text(np.random.default_rng([seed, 360]))
    looks = car_looks(PAINTS[paint]) | {
        "plate_front": Look(lettering.plate(text), 0.45),
        "plate_rear": Look(lettering.plate(text), 0.45),
        "sticker_test": Look(lettering.sticker(("11", "28"), "#2f7d3c", "#ffffff"), 0.6),
        "sticker_stock": Look(lettering.sticker(("STOCK", "360-7", "ASK US"), "#f6d21f", "#111111"), 0.6),
    }
    return Car(mesh, looks, fitted.plates, text)


def _wheels(mesh: Mesh, spec: BodySpec) -> None:
    wheels = spec.wheels
    for x, front in ((wheels.front_x, True), (wheels.rear_x, False)):
        mesh.put(wheel(wheels, False, front), (x, wheels.track, wheels.radius))
        mesh.put(wheel(wheels, False, not front), (x, -wheels.track, wheels.radius), turn=np.pi)
