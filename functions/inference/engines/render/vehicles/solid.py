"""The closed solid of a body, without its openings, as a field."""

from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.vehicles.curves import Curve, Region, both, either, ramp, smoothstep
from functions.inference.engines.render.vehicles.spec import BodySpec
from functions.inference.vision.arrays import Floats

EDGE_M = 0.05
ROOF_EDGE_M = 0.11
FILLET_M = 0.025
SCREEN_SWEEP, REAR_SWEEP, ROOF_CROWN, BONNET_CROWN = 0.20, 0.16, 0.035, 0.035


@dataclass(frozen=True)
class _Curves:
    silhouette: Region
    cabin: Region
    half_width: Curve
    section: Curve
    cabin_width: Curve
    cabin_plan: Curve
    crease: Curve


class Solid:
    """About the distance from points to a body's skin; also its half widths, which tell side from front."""

    def __init__(self, spec: BodySpec) -> None:
        self.spec = spec
        self._curves = _Curves(
            Region(spec.silhouette, 0.035), Region(spec.cabin, 0.045), Curve(spec.half_width, 0.12),
            Curve(spec.section, 0.03), Curve(spec.cabin_width, 0.05), Curve(spec.cabin_plan, 0.15),
            Curve(spec.crease, 0.15),
        )  # fmt: skip

    def __call__(self, points: Floats) -> Floats:
        return either(self.tub(points), self.cabin(points), FILLET_M)

    def tub(self, points: Floats) -> Floats:
        """Everything below the windows."""
        x, y, z = points.T
        across = np.abs(y) / 0.9
        ahead, behind = smoothstep(x, 0.6, 2.1), smoothstep(-x, 0.9, 2.1)
        warped = x + self.spec.nose_sweep * ahead * across**2.6 - self.spec.tail_sweep * behind * across**2.8
        profile = self._curves.silhouette(warped, z + BONNET_CROWN * (y / 0.9) ** 2)
        return both(profile, np.abs(y) - self.half_width(x, z), EDGE_M)

    def half_width(self, x: Floats, z: Floats) -> Floats:
        above = z - self._curves.crease(x)
        width = self._curves.half_width(x) - self._curves.section(z) - 0.36 * ramp(above, 0.008)
        return np.asarray(width + self._flares(x, z) - self._scallop(x, z) - self._undercut(above), np.float64)

    def _undercut(self, above: Floats) -> Floats:
        """A shallow hollow below the shoulder, so that the shoulder stands out as a line of light over a shade."""
        return np.asarray(0.009 * np.exp(-(((above + 0.085) / 0.055) ** 2)), np.float64)

    def _flares(self, x: Floats, z: Floats) -> Floats:
        wheels = self.spec.wheels
        out = np.zeros_like(x)
        for middle in (wheels.front_x, wheels.rear_x):
            away = np.hypot(x - middle, z - wheels.radius) - wheels.radius
            out = out + 0.022 * (1 - smoothstep(away, 0.07, 0.24))
        return out

    def _scallop(self, x: Floats, z: Floats) -> Floats:
        """A hollow along the doors, with an edge below it that catches light."""
        wheels = self.spec.wheels
        along = smoothstep(x, wheels.rear_x + 0.45, wheels.rear_x + 0.8) * smoothstep(
            -x, -wheels.front_x + 0.45, -wheels.front_x + 0.8
        )
        low = 0.40 + 0.05 * (wheels.front_x - x) / 2.7
        return np.asarray(along * 0.022 * np.exp(-(((z - low - 0.07) / 0.085) ** 2)) * smoothstep(z, low, low + 0.03))

    def cabin(self, points: Floats) -> Floats:
        x, y, z = points.T
        across = y / 0.7
        middle = -0.35
        bend = np.where(x > middle, SCREEN_SWEEP, -REAR_SWEEP) * smoothstep(np.abs(x - middle), 0.0, 0.8)
        profile = self._curves.cabin(x + bend * across**2, z + ROOF_CROWN * across**2)
        return both(profile, np.abs(y) - self.cabin_half_width(x, z), ROOF_EDGE_M)

    def cabin_half_width(self, x: Floats, z: Floats) -> Floats:
        return self._curves.cabin_width(z) - self._curves.cabin_plan(x)
