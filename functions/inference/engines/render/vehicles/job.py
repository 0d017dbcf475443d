"""What a spin is made of, as the command says it and the rendering process reads it; needs no renderer."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

MODES = ("studio360", "walk360")
BODIES = ("sedan", "suv")
PAINTS = ("blue", "red", "silver", "graphite", "white", "green")
BEGAN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
"""When the first frame was taken, unless it is said: a fixed moment, so that a spin is the same on any day."""
RENDER = Path(__file__).parents[1]
SOURCES = ("vehicles", "render", "furnish/meshes/builder.py")
LIBRARIES = ("mitsuba", "drjit", "numpy", "opencv-python-headless", "pillow")


@dataclass(frozen=True)
class SpinJob:
    """One spin: the same job with the same sources makes the same pictures on the same machine."""

    mode: str = "studio360"
    frames: int = 24
    night: bool = False
    body: str = "sedan"
    paint: str = "blue"
    width: int = 1600
    height: int = 1067
    seed: int = 1
    began: datetime = BEGAN

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "began": self.began.isoformat()})

    @classmethod
    def of_json(cls, text: str) -> "SpinJob":
        said = json.loads(text)
        return cls(**{**said, "began": datetime.fromisoformat(said["began"])})


@lru_cache(maxsize=1)
def sources_hash() -> str:
    """Changes with whatever decides what a spin looks like."""
    digest = hashlib.sha256(" ".join(version(name) for name in LIBRARIES).encode())
    for name in SOURCES:
        place = RENDER / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
