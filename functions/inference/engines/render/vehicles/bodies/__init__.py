"""The bodies, one module each."""

from functions.inference.engines.render.vehicles.bodies.sedan import SEDAN
from functions.inference.engines.render.vehicles.bodies.suv import SUV
from functions.inference.engines.render.vehicles.spec import BodySpec

BODIES: dict[str, BodySpec] = {body.name: body for body in (SEDAN, SUV)}
