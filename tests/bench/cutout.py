"""How good cut-outs are: `python -m tests.bench.cutout [PRODUCTS] [--rooms FOLDER] [--grounds A,B] [--sheet PNG]`.

PRODUCTS is a folder of real products with alpha (`../shared/data/products`); each is set on plain, textured and photo
grounds with a baked shadow, noise and JPEG (`cutout_cases`), and once more as if it were white, on white and paper.
Prints, per group, the IoU (mean and least), the mean error of alpha in a band of 7 pixels, and CPU seconds, beside
rivals in the same run:

- `rembg`: U2-Net-p's map as rembg 2.0 gives it (stretched to 0 and 1, Lanczos to the photo's size);
- `rembg matting`: its `alpha_matting` with its own settings (thresholds 240 and 10, erosion 10), where `pymatting` is
  there: `uv run --with pymatting python -m tests.bench.cutout …`.

Then what is flagged (a doubt, or refused), and the peak memory of a process that cuts one photo. Refused photos are
measured too, as they would have come out.
"""

import argparse
import importlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import cv2
import numpy as np
from PIL import Image

from functions.inference.products import cut
from functions.inference.products.confidence import iou
from functions.inference.products.cut import CutOut
from functions.inference.products.looking import as_shares
from functions.inference.vision import saliency
from functions.inference.vision.arrays import Array, Bytes
from tests.bench import cutout_cases
from tests.bench.cutout_cases import PLAIN, TEXTURED, Case

BAND = 7
GOOD, BAD = 0.95, 0.9
"""IoU of a cut-out that should pass, and of one that must not."""
CONTRAST = ("plain", "textured")
TILE = 240


@dataclass(frozen=True)
class Score:
    iou: float
    band: float
    seconds: float


@dataclass(frozen=True)
class Row:
    """One photo: ours, each rival's score, and what our report said."""

    name: str
    group: str
    ours: Score
    rivals: dict[str, Score]
    flags: tuple[str, ...]
    confidence: float


def grouped_cases(folder: Path, rooms: Path | None, seed: int) -> Iterator[tuple[str, Case]]:
    things = list(cutout_cases.products(folder))
    for case in cutout_cases.cases(things, PLAIN | TEXTURED, seed):
        kind = "textured" if case.ground in TEXTURED else "plain"
        yield kind if case.has_contrast else "little contrast", case
    if rooms:
        for case in cutout_cases.cases(things, cutout_cases.room_grounds(rooms), seed):
            yield "rooms", case
    white = {name: PLAIN[name] for name in ("white", "paper")}
    for case in cutout_cases.cases([cutout_cases.whitened(one) for one in things], white, seed):
        yield "white on white", case


def judged(group: str, case: Case, rivals: dict[str, Callable[[Bytes], Array]]) -> tuple[Row, Bytes]:
    pixels = np.asarray(Image.open(io.BytesIO(case.data)))
    made, refused, seconds = ours(case.data)
    others = {name: rival_score(rival, pixels, case.alpha) for name, rival in rivals.items()}
    flags = tuple(one.code.value for one in made.doubts) + ((f"refused {refused}",) if refused else ())
    mine = scored(as_shares(np.ascontiguousarray(made.rgba[..., 3])), case.alpha, seconds)
    return Row(f"{case.name} on {case.ground}", group, mine, others, flags, made.confidence), made.rgba


def ours(data: bytes) -> tuple[CutOut, str, float]:
    """The cut-out even of a photo that is refused for its low confidence, and the refusal's code."""
    codes: list[str] = []
    judge = cut._refused

    def note(*found: Any) -> None:
        refused = judge(*found)
        codes.extend([refused.code.value] if refused else [])

    started = time.process_time()
    with mock.patch.object(cut, "_refused", note):
        made = cut.cut(data)
    seconds = time.process_time() - started
    if isinstance(made, CutOut):
        return made, "".join(codes), seconds
    with Image.open(io.BytesIO(data)) as picture:
        nothing = np.zeros((picture.height, picture.width, 4), np.uint8)
    return CutOut(nothing, (0, 0, 0, 0), "net", 0.0, ()), made.code.value, seconds


def rival_score(rival: Callable[[Bytes], Array], pixels: Bytes, truth: Array) -> Score:
    started = time.process_time()
    found = rival(pixels)
    return scored(found, truth, time.process_time() - started)


def scored(found: Array, truth: Array, seconds: float) -> Score:
    mask = (truth > 0.5).astype(np.uint8)
    square = np.ones((BAND, BAND), np.uint8)
    band = (cv2.dilate(mask, square) > 0) & (cv2.erode(mask, square) == 0)
    return Score(iou(found > 0.5, truth > 0.5), float(np.abs(found - truth)[band].mean()), seconds)


def rembg(pixels: Bytes) -> Array:
    net = saliency.standing_out(pixels, (saliency.SIDE, saliency.SIDE))
    stretched = (net - net.min()) / max(float(net.max() - net.min()), 1e-6)
    picture = Image.fromarray((stretched * 255).astype(np.uint8))
    size = pixels.shape[1], pixels.shape[0]
    return as_shares(np.asarray(picture.resize(size, Image.Resampling.LANCZOS)))


def rembg_matting() -> dict[str, Callable[[Bytes], Array]]:
    """rembg's alpha matting, if its solver is installed."""
    try:
        solve = importlib.import_module("pymatting.alpha.estimate_alpha_cf").estimate_alpha_cf
    except ImportError:
        return {}

    def matted(pixels: Bytes) -> Array:
        mask, square = rembg(pixels), np.ones((10, 10), np.uint8)
        inside = cv2.erode((mask > 240 / 255).astype(np.uint8), square) > 0
        outside = cv2.erode((mask < 10 / 255).astype(np.uint8), square, borderValue=1) > 0
        trimap = np.where(inside, 1.0, np.where(outside, 0.0, 0.5))
        return np.asarray(solve(pixels / 255.0, trimap), np.float32)

    return {"rembg matting": matted}


def report(rows: list[Row]) -> None:
    for group in dict.fromkeys(row.group for row in rows):
        of = [row for row in rows if row.group == group]
        print(f"\n{group}: {len(of)} photos")
        line("vitrine", [row.ours for row in of])
        for rival in of[0].rivals:
            line(rival, [row.rivals[rival] for row in of])
    flagged(rows)


def line(name: str, scores: list[Score]) -> None:
    found, band = [one.iou for one in scores], [one.band for one in scores]
    cpu = np.mean([one.seconds for one in scores])
    edge = f"alpha off by {np.mean(band):.3f} in the band"
    print(f"  {name:14} IoU mean {np.mean(found):.3f}, least {min(found):.3f}; {edge}; {cpu:.2f} s of CPU")


def flagged(rows: list[Row]) -> None:
    good, bad = [one for one in rows if one.ours.iou >= GOOD], [one for one in rows if one.ours.iou < BAD]
    for name, of in (("good ones", good), ("good ones with contrast", [one for one in good if one.group in CONTRAST])):
        share = np.mean([bool(one.flags) for one in of]) if of else 0
        print(f"flagged: {share:.1%} of {len(of)} {name} (IoU {GOOD} or more)")
    print(f"passed without a doubt: {sum(not one.flags for one in bad)} of {len(bad)} bad ones (below {BAD})")
    for one in sorted(rows, key=lambda row: row.ours.iou):
        if one.flags or one.ours.iou < GOOD:
            print(f"  {one.ours.iou:.3f} {one.confidence:.2f} {one.name} ({one.group}): {', '.join(one.flags) or '-'}")


def peak_memory(photo: bytes) -> float:
    """Megabytes of a process that cuts one photo."""
    code = (
        "import pathlib, re, sys; from functions.inference.products import cut; "
        "cut.cut(sys.stdin.buffer.read()); "
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) / 1024)"
    )
    ran = subprocess.run([sys.executable, "-c", code], input=photo, capture_output=True, check=True)
    return float(ran.stdout)


def tile(case: Case, rgba: Bytes, row: Row) -> Bytes:
    """The photo, and the cut-out on a chequered, a dark and a bright ground."""
    pixels = np.asarray(Image.open(io.BytesIO(case.data)))
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]] // 24
    chequered = np.where(((x + y) % 2 == 0)[..., None], (255, 90, 255), (60, 180, 60))
    share = rgba[..., 3:] / 255
    grounds = (chequered, np.array([18, 18, 18]), np.array([255, 236, 0]))
    shown = [pixels, *(rgba[..., :3] * share + ground * (1 - share) for ground in grounds)]
    out = np.zeros((TILE, 4 * TILE, 3), np.uint8)
    for at, one in enumerate(shown):
        small = cv2.resize(one.astype(np.uint8), None, fx=TILE / 900, fy=TILE / 900, interpolation=cv2.INTER_AREA)
        out[: small.shape[0], at * TILE : at * TILE + small.shape[1]] = small[:TILE, :TILE]
    words = f"{row.name} {row.ours.iou:.3f} {' '.join(row.flags)}"
    cv2.putText(out, words, (4, TILE - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 0), 1)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("products", nargs="?", type=Path, default=Path("../shared/data/products"))
    parser.add_argument("--rooms", type=Path, help="a folder of photos of rooms")
    parser.add_argument("--grounds", metavar="A,B", help="only these, by their names in `cutout_cases`")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sheet", type=Path, help="a contact sheet to look at")
    parser.add_argument("--json", type=Path, help="each photo's scores")
    options = parser.parse_args()
    rivals = {"rembg": rembg, **rembg_matting()}
    rows, tiles, data = [], [], b""
    for group, case in grouped_cases(options.products, options.rooms, options.seed):
        if options.grounds and case.ground not in options.grounds.split(","):
            continue
        row, rgba = judged(group, case, rivals)
        rows.append(row)
        data = case.data
        if options.sheet:
            tiles.append(tile(case, rgba, row))
    report(rows)
    print(f"\npeak memory of one process with one photo: {peak_memory(data):.0f} MB")
    if options.sheet:
        pairs = [np.hstack(tiles[at : at + 2]) for at in range(0, len(tiles) - 1, 2)]
        Image.fromarray(np.vstack(pairs)).save(options.sheet)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    main()
