"""`vitrine set-qc`: the whole quality control of a folder of frames, on this machine and without the cloud."""

import argparse
import importlib
import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import cv2
import simplejpeg

from infra.engine_tools import set_qc_page
from infra.errors import CommandError
from vitrine.pictures.colour import tagged_jpeg
from vitrine.pictures.decoding import Limits, fit, open_still
from vitrine.pictures.faults import BadPicture
from vitrine.pictures.orient import Pixels
from vitrine.set_qc import judge, measure
from vitrine.set_qc.measure import Measured
from vitrine.set_qc.models import Mode, SetFrame, SetReport
from vitrine.set_qc.places import natural
from vitrine.set_qc.relate import relate
from vitrine.set_qc.thresholds import DEFAULT
from vitrine.set_qc.words import counted

REPORT, PAGE, THUMBS = "report.json", "index.html", "thumbs"
_THUMB_SIDE = 240
_LIMITS = Limits(pixels=110_000_000, longest=30_000, shortest=64)
_NUMBERS = re.compile(r"\d+")
_MOST_FILES = 400

Masker = Callable[[Pixels], bytes | None]


@dataclass
class Looked:
    """A folder's frames as far as they could be read, in natural order; `unreadable` are file names with a reason."""

    frames: list[SetFrame] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    masks: dict[str, bytes] = field(default_factory=dict)
    thumbs: dict[str, bytes] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


def indices(names: Sequence[str]) -> list[int | None]:
    """Each name's place by its number, padded or not, whatever the first number and the stride are.

    The number is the last one in which the names differ. None for all where names have no such number, share one, or
    jump so far that it cannot count frames.
    """
    numbers = [[int(one) for one in _NUMBERS.findall(Path(name).stem)] for name in names]
    depth = min((len(one) for one in numbers), default=0)
    for back in range(1, depth + 1):
        column = [one[-back] for one in numbers]
        if len(set(column)) > 1:
            return _counted(column)
    return [None] * len(names)


def _counted(column: Sequence[int]) -> list[int | None]:
    ranked = sorted(column)
    stride = math.gcd(*(after - before for before, after in pairwise(ranked)))
    if len(set(column)) < len(column) or (ranked[-1] - ranked[0]) / stride > 1.5 * len(column) + 2:
        return [None] * len(column)
    return [(number - ranked[0]) // stride for number in column]


def look(folder: Path, masker: Masker | None, show: Callable[[int, int], None] = lambda _done, _all: None) -> Looked:
    """Read and measure every file of a folder. A file that is no frame is named, not raised.

    Raises `CommandError` where there is nothing to look at.
    """
    found = (one for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))
    files = sorted(found, key=lambda one: natural(one.name))
    if not files or len(files) > _MOST_FILES:
        raise CommandError(
            f"{folder} holds {counted(len(files), 'file', 'files')}.", f"Give a folder with 1 to {_MOST_FILES} frames."
        )
    looked = Looked()
    for done, file in enumerate(files, 1):
        _look_at(file, looked, masker)
        show(done, len(files))
    places = indices([frame.name for frame in looked.frames])
    looked.frames = [
        frame.model_copy(update={"index": place}) for frame, place in zip(looked.frames, places, strict=True)
    ]
    return looked


def _look_at(file: Path, looked: Looked, masker: Masker | None) -> None:
    try:
        data = file.read_bytes()
        still = open_still(data, _LIMITS)
        pixels = still.upright(fit(still.decode(measure.DECODED_SIDE), measure.DECODED_SIDE))
    except BadPicture as bad:
        looked.unreadable[file.name] = bad.fault.value
        return
    except OSError:
        looked.unreadable[file.name] = "cannot_be_opened"
        return
    looked.frames.append(SetFrame(id=file.name, index=None, name=file.name))
    looked.measured.append(measure.measure_pixels(pixels, measure.digest(data)))
    thumb = simplejpeg.encode_jpeg(fit(pixels, _THUMB_SIDE), 82, "RGB", "420")
    looked.thumbs[file.name] = tagged_jpeg(thumb)
    mask = masker(pixels) if masker else None
    if mask is not None:
        looked.masks[file.name] = mask


def judged(looked: Looked, mode: Mode, expected: int | None) -> SetReport:
    frames = list(zip(looked.frames, (one.features for one in looked.measured), strict=True))
    relations = relate(frames, mode, {}, looked.masks)
    measures = {frame.id: one.measures for frame, one in zip(looked.frames, looked.measured, strict=True)}
    return judge.judge_set(looked.frames, expected, measures, relations, DEFAULT[mode])


def as_json(report: SetReport, looked: Looked, mode: Mode) -> dict[str, object]:
    """The report with what the command adds: `seam` and `vehicle` beside the rest, what could not be read, each frame's
    numbers."""
    found = report.model_dump(mode="json")
    numbers = {frame.id: one.measures for frame, one in zip(looked.frames, looked.measured, strict=True)}
    frames = {
        frame.id: {
            "index": frame.index,
            "checks": found["frames"].get(frame.id, {}),
            "measures": numbers[frame.id].model_dump(mode="json"),
        }
        for frame in looked.frames
    }
    seam, vehicle = found["checks"]["seam"], found["checks"]["vehicle"]
    return {
        **found,
        "mode": mode.value,
        "masks": len(looked.masks),
        "frames": frames,
        "seam": seam,
        "vehicle": vehicle,
        "unreadable": looked.unreadable,
    }


def set_qc(folder: Path, mode: Mode, out: Path, expected: int | None = None, masker: Masker | None = None) -> Path:
    """Judge a folder of frames; write `report.json`, `index.html` and thumbnails into `out`. Answers the report's path.

    Raises `CommandError` where the folder holds no frame that can be read.
    """
    looked = look(folder, masker, _show)
    if not looked.frames:
        raise CommandError(f"{folder} holds no frame.", "Give JPEG, PNG, WebP or HEIC.")
    report = judged(looked, mode, expected)
    (out / THUMBS).mkdir(parents=True, exist_ok=True)
    for at, frame in enumerate(looked.frames):
        (out / THUMBS / f"{at:03}.jpg").write_bytes(looked.thumbs[frame.id])
    (out / REPORT).write_text(json.dumps(as_json(report, looked, mode), indent=2))
    measures = [one.measures for one in looked.measured]
    limit = DEFAULT[mode].sharpness.fail
    (out / PAGE).write_text(set_qc_page.page(looked.frames, measures, report, limit, looked.unreadable, folder.name))
    return out / REPORT


def _show(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{of}", end="" if done < of else "\n", file=sys.stderr, flush=True)


def masks_of_ours() -> Masker | None:
    """The endpoint's own masks where its code and weights are installed here, else None: the set is judged without."""
    try:
        find_vehicle = importlib.import_module("functions.inference.vehicle.mask").find_vehicle
    except ImportError:
        return None

    def mask(pixels: Pixels) -> bytes | None:
        found = find_vehicle(fit(pixels, 1280))
        return None if found is None else bytes(cv2.imencode(".png", found.mask)[1])

    return mask


def run(args: argparse.Namespace) -> int:
    """0 when the set is complete, 1 when frames are missing or fail."""
    if not args.folder.is_dir():
        raise CommandError(f"{args.folder} is no folder.", "Give the folder that holds a set's frames.")
    masker = None if args.no_masks else masks_of_ours()
    path = set_qc(args.folder, Mode(args.mode), args.out, args.expected, masker)
    report = json.loads(path.read_text())
    print(f"{report['status']}: {path}, {path.with_name(PAGE)}")
    for item in report["reshoot"]:
        print(f"  shoot {item['station']}: {', '.join(item['codes'])}")
    return 0 if report["status"] == "complete" else 1


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `set-qc` command; its parser sets `run`."""
    parser = subparsers.add_parser("set-qc", help="judge a folder of frames all around a vehicle, without the cloud")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.STUDIO360.value)
    parser.add_argument(
        "--expected", type=int, metavar="N", help="how many frames the turn has; by the names if not given"
    )
    parser.add_argument("--no-masks", action="store_true", help="judge without masks: faster, and a little less sure")
    parser.add_argument("--out", type=Path, default=Path("out"))
    parser.set_defaults(run=run)
