"""Synthetic rooms: path-traced by our own code, with their camera and size known.

`generate.py` makes them; the committed pictures and `truth.json` are what it made.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Truth:
    """A synthetic room: angles in degrees, lengths in metres, the origin under the camera, y ahead by the back wall.

    `distortion` is k of r' = r (1 + k r^2), radii over half the diagonal; negative is a barrel. `clutter` holds the
    x0, y0, x1, y1, height of what stands on the floor; `doors` and `windows` a wall (0 back, 1 left, 2 right), start,
    end, and for windows sill and head, in x or y along it.
    """

    name: str
    yaw: float
    pitch: float
    roll: float
    horizontal_fov: float
    camera_height: float
    left: float
    right: float
    back: float
    height: float
    distortion: float = 0.0
    clutter: tuple[tuple[float, ...], ...] = ()
    doors: tuple[tuple[float, ...], ...] = ()
    windows: tuple[tuple[float, ...], ...] = ()

    def undistorted(self, pixels: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
        """Where pixels (n x 2) of the distorted picture lie in the pinhole's."""
        middle, unit = np.array([width, height]) / 2, np.hypot(width, height) / 2
        off = (pixels - middle) / unit
        radius = np.linalg.norm(off, axis=1, keepdims=True)
        straight = radius.copy()
        for _ in range(8):  # fixed point of r' = r (1 + k r^2)
            straight = radius / (1 + self.distortion * straight**2)
        return np.asarray(middle + off / np.maximum(radius, 1e-9) * straight * unit, np.float64)

    @property
    def picture(self) -> Path:
        return FOLDER / f"{self.name}.jpg"

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def truths() -> list[Truth]:
    """The committed rooms."""
    return [Truth(**entry) for entry in json.loads((FOLDER / "truth.json").read_text())]
