"""How well the engine reads synthetic rooms: `python -m tests.bench.engine_geometry [--folder FOLDER]`.

One line per room of FOLDER (the committed ones, or what `tests.support.rooms.generate --out FOLDER` made), without and
with the true focal length, then the median and the worst of each error.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from functions.inference.engines.render import gate, images, pipeline
from tests.support.rooms import FOLDER, Truth
from tests.unit.engine.test_camera import tilt_between, true_camera, yaw_error
from tests.unit.engine.test_room import floor_overlap
from vitrine.contracts.inference import Refusal

COLUMNS = ("tilt deg", "yaw deg", "fov deg", "floor IoU", "flagged")


def errors(folder: Path, truth: Truth, known_focal: bool) -> list[float] | None:
    photo = images.decode((folder / f"{truth.name}.jpg").read_bytes())
    height, width = photo.pixels.shape[:2]
    if known_focal:
        photo = replace(photo, focal=true_camera(truth, width, height).focal / max(width, height))
    reading = pipeline.read_room(photo)
    if isinstance(reading, Refusal):
        return None
    found = reading.room.camera
    flagged = "low_confidence" in [w.code for w in gate.warnings_of(reading.room, 9.0, 0.0, slow=False)]
    tilt = tilt_between(found, true_camera(truth, found.width, found.height))
    fov = abs(found.horizontal_fov_deg - truth.horizontal_fov)
    return [tilt, yaw_error(found, truth), fov, floor_overlap(reading, truth), float(flagged)]


def table(folder: Path, truths: list[Truth], known_focal: bool) -> Iterator[str]:
    yield f"{'focal known' if known_focal else 'no EXIF':<12}" + "".join(f"{name:>11}" for name in COLUMNS)
    rows = []
    for truth in truths:
        row = errors(folder, truth, known_focal)
        if row is None:
            yield f"{truth.name:<12}    refused"
            continue
        rows.append(row)
        yield f"{truth.name:<12}" + "".join(f"{value:11.2f}" for value in row)
    values = np.array(rows)
    worst = np.r_[values[:, :3].max(0), values[:, 3].min(), values[:, 4].max()]
    for name, line in (("median", np.median(values, 0)), ("worst", worst)):
        yield f"{name:<12}" + "".join(f"{value:11.2f}" for value in line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    args = parser.parse_args()
    truths = [Truth(**entry) for entry in json.loads((args.folder / "truth.json").read_text())]
    for known_focal in (False, True):
        print("\n".join(table(args.folder, truths, known_focal)))


if __name__ == "__main__":
    main()
