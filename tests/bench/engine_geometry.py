"""How well the engine reads synthetic rooms: `python -m tests.bench.engine_geometry [--set S] [--prototype FOLDER]`.

The sets are those of `tests.support.rooms.varied`, rendered on first use, and `committed`, the few rooms in the
repository. One line per room, without and with the true focal length, then the median, the 90th percentile and the
worst of each error. Lengths are compared in camera heights, as STAGING.md did; `scale` is the error of metres with no
ceiling height given. With `--prototype` the prototype's `cam.py` and `box.py` read the same pictures, and
`--set prototype` are the 24 rooms of its own `synth.py`, on which STAGING.md's figures were measured; it needs scipy:
`uv run --with scipy python -m tests.bench.engine_geometry --set prototype --prototype ../shared/prototype`.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.read import gate
from functions.inference.engines.render.read.camera import Camera
from functions.inference.engines.render.read.reading import read_room
from functions.inference.vision import images
from tests.support.rooms import Truth, truths, varied
from tests.support.rooms.generate import prepare_mitsuba
from tests.support.rooms.measure import floor_distance_error, overlap, tilt_between, true_camera, yaw_error
from vitrine.contracts.inference import Refusal

PROTOTYPE_ROOMS = 24
CACHE = Path(__file__).parents[2] / ".vitrine" / "bench-rooms"
COLUMNS = ("tilt deg", "yaw deg", "fov deg", "distance %", "IoU", "ceiling %", "scale %", "flagged")


@dataclass(frozen=True)
class Box:
    """What any reader answers: the camera, floor and walls in metres, and whether it doubts them."""

    camera: Camera
    eye: float
    left: float
    right: float
    back: float
    height: float | None
    flagged: bool


def read(photo: images.Photo) -> Box | str:
    """By the engine; a refusal's code when it refuses."""
    reading = read_room(photo)
    if isinstance(reading, Refusal):
        return reading.code.value
    room = reading.room
    flagged = "low_confidence" in [w.code for w in gate.warnings_of(room, 9.0, 0.0, slow=False)]
    return Box(
        room.camera, room.camera_height, room.left, room.right, room.back,
        room.height if room.ceiling_seen else None, flagged,
    )  # fmt: skip


class Prototype:
    """The prototype's camera and box, which has no doubts of its own but STAGING.md's thresholds."""

    def __init__(self, folder: Path) -> None:
        sys.path.insert(0, str(folder))
        self.estimate: Any = importlib.import_module("cam").estimate
        self.fit_box: Any = importlib.import_module("box").fit_box

    def read(self, photo: images.Photo) -> Box | str:
        image = np.ascontiguousarray(photo.pixels[..., ::-1])
        height, width = image.shape[:2]
        found = self.estimate(image, f0=photo.focal)
        box = self.fit_box(image, found) if found["ok"] else None
        if box is None:
            return "unread"
        state = box["c"]
        camera = Camera(state["yaw"], state["pitch"], state["roll"], state["f"], width, height)
        ceiling = box["ceil"]
        metre = float(np.clip(2.6 / (1 + ceiling), 1.05, 1.65)) if ceiling else 1.35
        flagged = found["score"] < 0.6 or box["iou"] < 0.85 or max(box["vb"], 0) < 0.6
        return Box(
            camera, metre, box["xl"] * metre, box["xr"] * metre, box["yb"] * metre,
            metre * (1 + ceiling) if ceiling else None, bool(flagged),
        )  # fmt: skip


def errors(box: Box, truth: Truth) -> list[float]:
    camera = box.camera
    real = true_camera(truth, camera.width, camera.height)
    eye = truth.camera_height
    found = (box.left / box.eye, box.right / box.eye, box.back / box.eye)
    ceiling = abs(box.height / box.eye * eye / truth.height - 1) * 100 if box.height else np.nan
    return [
        tilt_between(camera, real),
        yaw_error(camera, truth),
        abs(camera.horizontal_fov_deg - truth.horizontal_fov),
        100 * floor_distance_error(camera, found, truth),
        overlap(camera, found, truth),
        ceiling,
        100 * abs(box.eye / eye - 1),
        float(box.flagged),
    ]


def _photo(path: Path, truth: Truth, known_focal: bool) -> images.Photo:
    photo = images.decode(path.read_bytes())
    height, width = photo.pixels.shape[:2]
    focal = true_camera(truth, width, height).focal / max(width, height)
    return replace(photo, focal=focal if known_focal else None)


def _summary(rows: NDArray[np.float64]) -> Iterator[str]:
    worst = np.nanmax(rows, 0)
    worst[4] = rows[:, 4].min()
    tenth = np.nanpercentile(rows, 90, 0)
    tenth[4] = np.percentile(rows[:, 4], 10)
    for name, line in (("median", np.nanmedian(rows, 0)), ("p90", tenth), ("worst", worst)):
        yield f"{name:<14}" + "".join(f"{value:11.2f}" for value in line)
    overlap_of, flagged = rows[:, 4], rows[:, 7] > 0
    low = overlap_of < 0.9
    yield (
        f"IoU > .9: {(~low).sum()}, .8 to .9: {(low & (overlap_of >= 0.8)).sum()}, < .8: {(overlap_of < 0.8).sum()}; "
        f"below .9 and not flagged: {(low & ~flagged).sum()}; flagged though above .9: {(flagged & ~low).sum()}"
    )


def table(reader: Any, rooms: list[tuple[Path, Truth]], known_focal: bool) -> Iterator[str]:
    yield f"{'focal known' if known_focal else 'no EXIF':<14}" + "".join(f"{name:>11}" for name in COLUMNS)
    rows = []
    for path, truth in rooms:
        box = reader(_photo(path, truth, known_focal))
        if isinstance(box, str):
            yield f"{truth.name:<14}  refused: {box}"
            continue
        rows.append(errors(box, truth))
        yield f"{truth.name:<14}" + "".join(f"{value:11.2f}" for value in rows[-1])
    yield from _summary(np.array(rows))


def _rooms_of_the_prototype(folder: Path, prototype: Path) -> list[tuple[Path, Truth]]:
    """Its rooms 0 to 23 with their truth, rendered by its own code when they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number in range(PROTOTYPE_ROOMS):
        picture, truth = folder / f"{number:02}.png", folder / f"{number:02}.json"
        if not truth.exists():
            pixels, known = _synth(prototype).make(number)
            cv2.imwrite(str(picture), pixels)
            truth.write_text(json.dumps({name: value for name, value in known.items() if isinstance(value, float)}))
        found.append((picture, _truth(truth.stem, json.loads(truth.read_text()))))
    return found


def _synth(prototype: Path) -> Any:
    prepare_mitsuba()
    sys.path.insert(0, str(prototype))
    return importlib.import_module("synth")


def _truth(name: str, known: dict[str, float]) -> Truth:
    yaw, pitch, roll = (float(np.degrees(known[angle])) for angle in ("yaw", "pitch", "roll"))
    ends = (known["xl"], known["xr"], known["yb"], known["H"])
    return Truth(name, yaw, pitch, roll, known["hfov"], known["h"], *ends)


def rooms_of(which: str, cache: Path, prototype: Path | None) -> list[tuple[Path, Truth]]:
    if which == "committed":
        return [(truth.picture, truth) for truth in truths()]
    folder = cache / which
    if which == "prototype":
        if prototype is None:
            raise SystemExit("--set prototype needs --prototype FOLDER")
        return _rooms_of_the_prototype(folder, prototype)
    return [(folder / f"{truth.name}.jpg", truth) for truth in varied.truths(which, folder)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="held_out", choices=("committed", "prototype", *varied.SETS))
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--prototype", type=Path, help="the folder with the prototype's cam.py and box.py")
    args = parser.parse_args()
    rooms = rooms_of(args.set, args.cache, args.prototype)
    readers: list[tuple[str, Any]] = [("engine", read)]
    if args.prototype:
        readers.append(("prototype", Prototype(args.prototype).read))
    cv2.setNumThreads(1)
    for name, reader in readers:
        for known_focal in (False, True):
            print(f"\n{name}, {args.set}")
            for line in table(reader, rooms, known_focal):
                print(line, flush=True)


if __name__ == "__main__":
    main()
