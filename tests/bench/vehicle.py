"""What the endpoint's eyes see: `python -m tests.bench.vehicle SPIN... [--alpr FOLDER] [--cut-outs FOLDER]`.

Each SPIN is a folder that `vitrine spin --out SPIN` drew: frames, masks and the corners of their plates, in
`truth.json`. Prints, per folder, the masks' IoU beside GrabCut's (with the middle of the frame as its prior), the share
of plate pixels covered, what is covered besides, and seconds of CPU per frame; at the end the process's peak memory.

- `--alpr`: photos of real vehicles with boxes of their plates as the public `openalpr/benchmarks` has them: a `.txt`
  per photo with its name, x, y, width and height.
- `--cut-outs`: PNG files with an alpha channel, pasted on grey: whether masks hold for other things than cars.

A plate narrower than a third of its height shows no character that could be read, and does not count.
"""

import argparse
import io
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from functions.inference.vehicle.look import look
from functions.inference.vehicle.seen import Seen
from functions.inference.vision.arrays import Bools, Bytes, Floats
from functions.inference.vision.images import decode, encode_png
from tests.support.drawn_vehicle import covered

READABLE = 1 / 3
WHOLE = 0.99
GRABCUT_SIDE = 320


@dataclass(frozen=True)
class Truth:
    """One frame and what is known of it; plates are 4 x 2 corners in pixels."""

    name: str
    data: bytes
    vehicle: Bools | None
    plates: list[Floats]


@dataclass(frozen=True)
class Score:
    name: str
    iou: float | None
    rival_iou: float | None
    confidence: float
    plates: list[float]
    besides: float
    seconds: float
    rival_seconds: float


def of_spin(folder: Path) -> Iterator[Truth]:
    for frame in json.loads((folder / "truth.json").read_text())["frames"]:
        mask = np.asarray(Image.open(folder / frame["mask"]).convert("L")) > 127
        corners = [np.array(plate["corners"], np.float64) for plate in frame["plates"]]
        data = (folder / frame["file"]).read_bytes()
        yield Truth(frame["file"], data, mask, [plate for plate in corners if is_readable(plate)])


def of_alpr(folder: Path) -> Iterator[Truth]:
    for listed in sorted(folder.rglob("*.txt")):
        name, *numbers = listed.read_text().split("\t")[:5]
        if (listed.parent / name).exists():
            x, y, width, height = map(float, numbers)
            right, bottom = x + width, y + height
            box = np.array([[x, y], [right, y], [right, bottom], [x, bottom]])
            yield Truth(name, (listed.parent / name).read_bytes(), None, [box])


def of_cut_outs(folder: Path) -> Iterator[Truth]:
    for path in sorted(folder.glob("*.png")):
        picture = Image.open(path)
        if "A" in picture.getbands():
            ground = Image.new("RGBA", picture.size, (150, 150, 150, 255))
            ground.alpha_composite(picture.convert("RGBA"))
            pixels = np.asarray(ground.convert("RGB"))
            yield Truth(path.name, encode_png(pixels), np.asarray(picture.getchannel("A")) > 127, [])


def is_readable(plate: Floats) -> bool:
    width, height = np.ptp(plate, axis=0)
    return bool(width >= READABLE * height)


def score(truth: Truth) -> Score:
    pixels = decode(truth.data).pixels
    started = time.thread_time()
    seen = look(truth.data)
    seconds = time.thread_time() - started
    size = (pixels.shape[1], pixels.shape[0])
    found = covered([np.array(plate.corners) for plate in seen.plates], size)
    there = [covered([plate / size], size) for plate in truth.plates]
    besides = found & ~np.any([*there, np.zeros_like(found)], axis=0)
    rival, rival_seconds = grabcut(pixels) if truth.vehicle is not None else (None, 0.0)
    return Score(
        truth.name,
        iou(mask_of(seen, size), truth.vehicle),
        iou(rival, truth.vehicle),
        seen.confidence,
        [float((found & plate).sum() / max(1, plate.sum())) for plate in there],
        float(besides.mean()),
        seconds,
        rival_seconds,
    )


def mask_of(seen: Seen, size: tuple[int, int]) -> Bools:
    if seen.mask_png is None:
        return np.zeros(size[::-1], np.bool_)
    return np.asarray(Image.open(io.BytesIO(seen.mask_png)).resize(size, Image.Resampling.BILINEAR)) > 127


def grabcut(pixels: Bytes) -> tuple[Bools, float]:
    """The rival: OpenCV's GrabCut at a mask's size, five rounds, the frame's middle probably the vehicle."""
    started = time.thread_time()
    height, width = pixels.shape[:2]
    scale = GRABCUT_SIDE / max(height, width)
    small = cv2.resize(pixels, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    high, wide = small.shape[:2]
    mask = np.full((high, wide), cv2.GC_PR_BGD, np.uint8)
    mask[[0, -1]] = mask[:, [0, -1]] = cv2.GC_BGD
    mask[high // 4 : -high // 6, wide // 6 : -wide // 6] = cv2.GC_PR_FGD
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, mask, (0, 0, wide, high), *models, 5, cv2.GC_INIT_WITH_MASK)
    inside = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    whole = cv2.resize(inside, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    return np.asarray(whole, np.bool_), time.thread_time() - started


def iou(one: Bools | None, other: Bools | None) -> float | None:
    if one is None or other is None:
        return None
    return float((one & other).sum() / max(1, (one | other).sum()))


def report(name: str, scores: list[Score]) -> None:
    print(f"\n{name}: {len(scores)} frames, {mean([each.seconds for each in scores]):.2f} s of CPU each")
    masks = [each for each in scores if each.iou is not None]
    if masks:
        ours, theirs = [each.iou or 0.0 for each in masks], [each.rival_iou or 0.0 for each in masks]
        print(f"  masks: IoU mean {mean(ours):.3f}, least {min(ours):.3f}")
        rival_s = mean([each.rival_seconds for each in masks])
        print(f"  GrabCut: IoU mean {mean(theirs):.3f}, least {min(theirs):.3f}, {rival_s:.2f} s of CPU")
    plates = [share for each in scores for share in each.plates]
    if plates:
        whole = mean([float(share >= WHOLE) for share in plates])
        print(f"  plates: {len(plates)}, pixels covered {mean(plates):.4f}, covered whole {whole:.3f}")
    print(f"  covered besides: {mean([each.besides for each in scores]):.4f} of a frame")
    for each in scores:
        if any(share < WHOLE for share in each.plates):
            print(f"    {each.name}: {', '.join(f'{share:.2f}' for share in each.plates)}")


def mean(numbers: list[float]) -> float:
    return float(np.mean(numbers)) if numbers else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spins", nargs="*", type=Path)
    parser.add_argument("--alpr", type=Path)
    parser.add_argument("--cut-outs", type=Path)
    options = parser.parse_args()
    for folder in options.spins:
        report(str(folder), [score(truth) for truth in of_spin(folder)])
    if options.alpr:
        report(str(options.alpr), [score(truth) for truth in of_alpr(options.alpr)])
    if options.cut_outs:
        report(str(options.cut_outs), [score(truth) for truth in of_cut_outs(options.cut_outs)])
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, the bench's own included")


if __name__ == "__main__":
    main()
