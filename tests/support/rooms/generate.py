"""Makes the synthetic rooms: `python -m tests.support.rooms.generate [NUMBERS] [--demo]`.

Each room has a floor of planks, tiles or carpet, skirting boards, a window with daylight behind it, and a door. The
demo room is one of them, made with more care: sun on the floor, a radiator, a socket. `varied.py` makes rooms that are
less alike, for the benchmark.
"""

import argparse
import json
import os
from pathlib import Path

import cv2
import numpy as np

from functions.inference.engines.render.render import toolchain
from tests.support.rooms import FOLDER
from tests.support.rooms.plans import Plan, demo_plan, random_plan

DEMO = Path(__file__).resolve().parents[3] / "infra" / "local" / "demo" / "room.jpg"


def prepare_mitsuba() -> None:
    """Choose the fast variant in this process; needs an LLVM."""
    library = toolchain.ensure_llvm()
    os.environ.update(toolchain.environment(library))
    import mitsuba as mi

    mi.set_variant("llvm_ad_rgb" if library else "scalar_rgb")


def make(plan: Plan, path: Path, quality: int = 90) -> None:
    """Render a room and write its photo; `prepare_mitsuba` comes first."""
    from tests.support.rooms.photographing import develop, distorted, render

    picture = develop(render(plan), np.random.default_rng(plan.seed), plan.exposure)
    if plan.truth.distortion:
        picture = distorted(picture, plan.truth)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, quality]):
        raise OSError(f"cannot write {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", type=int, nargs="*", help="numbers of the rooms to make")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    prepare_mitsuba()
    plans = [random_plan(i) for i in args.rooms]
    for plan in plans:
        make(plan, args.out / f"{plan.truth.name}.jpg")
    if plans:
        truth = json.dumps([plan.truth.as_dict() for plan in plans], indent=1)
        (args.out / "truth.json").write_text(truth + "\n")
    if args.demo:
        make(demo_plan(), DEMO, 92)


if __name__ == "__main__":
    main()
