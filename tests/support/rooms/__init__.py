"""Synthetic rooms: path-traced by our own code, with their camera and size known.

`generate.py` makes them; the committed pictures and `truth.json` are what it made.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Truth:
    """A synthetic room: angles in degrees, lengths in metres, the origin under the camera, y ahead by the back wall."""

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

    @property
    def picture(self) -> Path:
        return FOLDER / f"{self.name}.jpg"

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def truths() -> list[Truth]:
    """The committed rooms."""
    return [Truth(**entry) for entry in json.loads((FOLDER / "truth.json").read_text())]
