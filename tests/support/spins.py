"""Small spins of the drawn car for tests and benches, rendered once and kept in the user's cache.

The cache is keyed by the job and by the sources that decide what it looks like, so a spin is rendered again only after
a change to the drawn car. Rendering 24 frames of 480 x 320 takes some ten seconds.
"""

import fcntl
import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from functions.inference.engines.render.render.toolchain import cache_folder
from functions.inference.engines.render.vehicles.job import SpinJob, sources_hash
from infra.engine_tools.spin import spin

SMALL = SpinJob(width=480, height=320)
"""A day in the studio, 24 frames."""
KEPT = 40
"""Spins that stay in the cache, the latest used."""


def drawn_spin(job: SpinJob = SMALL) -> Path:
    """The folder with the frames (`frame_001.jpg` …), `masks/` and `truth.json` of a job; read-only by agreement."""
    folder = cache_folder() / "spins"
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / hashlib.sha256(f"{sources_hash()} {job.to_json()}".encode()).hexdigest()[:24]
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder))
            spin(job, partial)
            partial.rename(made)
            _forget_old(folder)
    (made / "truth.json").touch()
    return made


def frames_of(folder: Path) -> list[Path]:
    """The JPEGs of a spin in their order."""
    return sorted(folder.glob("frame_*.jpg"))


def truth_of(folder: Path) -> dict[str, Any]:
    """See `functions/inference/engines/render/vehicles/README.md`."""
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return truth


def _forget_old(folder: Path) -> None:
    spins = sorted(folder.glob("*/truth.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in spins[KEPT:]:
        shutil.rmtree(path.parent, ignore_errors=True)
