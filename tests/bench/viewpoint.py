"""How well the view of a product's photo is found: `python -m tests.bench.viewpoint [--views N]`.

Our own furniture, seen from random sides through lenses of 20 to 48 degrees; its outline is exact, its size is its box.
Prints, for each piece: how often tilt and azimuth are determined, their median and worst errors, how often the truth
lies in the interval, and seconds of CPU. Beside it the rival: a guess of 15 degrees' tilt and a turn of none, which is
what pasting without looking comes to.
"""

import argparse
import time
from collections.abc import Callable

import cv2
import numpy as np

from functions.inference.engines.render.furnish.meshes import armchairs, beds, lamps, seating, sofas, storage, tables
from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.styles import STYLES
from functions.inference.products import viewpoint
from functions.inference.products.dimensions import Size
from functions.inference.products.viewpoint import Interval, View
from functions.inference.vision.arrays import Bools, Floats
from vitrine.contracts.catalogue import Style

FRAME = (900, 1200)
SHARES, LENSES, TILTS, TURNS = (0.4, 0.7), (20.0, 48.0), (4.0, 38.0), (-60.0, 60.0)
STYLE = STYLES[Style.SCANDINAVIAN]
PIECES: dict[str, Callable[[np.random.Generator], Mesh]] = {
    "sofa": lambda rng: sofas.sofa(STYLE, rng),
    "armchair": lambda rng: armchairs.armchair(STYLE, rng),
    "sideboard": lambda rng: storage.sideboard(STYLE, rng),
    "bed": lambda rng: beds.bed(STYLE, rng),
    "coffee table": lambda rng: tables.coffee_table(STYLE, rng),
    "dining chair": lambda _rng: seating.dining_chair(STYLE, 1),
    "stool": lambda _rng: seating.stool(STYLE),
    "floor lamp": lambda _rng: lamps.floor_lamp(STYLE),
}


def centred(mesh: Mesh) -> tuple[Floats, Size]:
    points = np.concatenate([part.vertices for part in mesh.parts])
    low, high = points.min(0), points.max(0)
    return points - (low + high) / 2, Size(*(high - low).tolist())


def photo(points: Floats, view: View, share: float) -> Bools:
    """The outline's hull, which is all that is looked at, in the middle of the frame."""
    flat = viewpoint.projected(points, view, share)
    flat = (flat - flat.min(0)) * (share * FRAME[1] / float(np.ptp(flat, axis=0).max()))
    flat += (np.array(FRAME[::-1]) - flat.max(0)) / 2
    mask = np.zeros(FRAME, np.uint8)
    cv2.fillConvexPoly(mask, np.asarray(cv2.convexHull(np.rint(flat).astype(np.int32)), np.int32), 1)
    return mask > 0


def line(name: str, found: list[Interval | None], true: list[float], guess: float) -> str:
    told = [(one, right) for one, right in zip(found, true, strict=True) if one is not None]
    rival = f"guess off by {np.median([abs(guess - right) for right in true]):.0f}"
    if not told:
        return f"{name} never; {rival}"
    off = [abs(one.best - right) for one, right in told]
    held = np.mean([one.low <= right <= one.high for one, right in told])
    share = len(told) / len(true)
    return f"{name} {share:.0%}: off by {np.median(off):.1f}, worst {max(off):.0f}, held {held:.0%}; {rival}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--views", type=int, default=20)
    views = parser.parse_args().views
    for name, piece in PIECES.items():
        rng = np.random.default_rng(7)
        points, size = centred(piece(rng))
        truth = [View(*(float(rng.uniform(*limits)) for limits in (TILTS, TURNS, LENSES))) for _ in range(views)]
        masks = [photo(points, view, float(rng.uniform(*SHARES))) for view in truth]
        started = time.process_time()
        found = [viewpoint.find(mask, size, FRAME) for mask in masks]
        seconds = (time.process_time() - started) / views
        tilt = line("tilt", [one.tilt for one in found], [view.tilt for view in truth], 15)
        turn = line("azimuth", [one.azimuth for one in found], [view.turn for view in truth], 0)
        print(f"{name}, score {np.median([one.score for one in found]):.2f}, {seconds:.2f} s\n  {tilt}\n  {turn}")


if __name__ == "__main__":
    main()
