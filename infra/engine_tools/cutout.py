"""`vitrine cutout`: a product cut out of its photo, on this machine and without the cloud."""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2

from functions.inference.products import cut, dimensions, viewpoint
from functions.inference.products.cut import CutOut
from functions.inference.products.dimensions import Size
from functions.inference.products.doubts import Refused
from vitrine.pictures.colour import tagged_png

PICTURE, REPORT = "cutout.png", "report.json"


def cut_out(data: bytes, size: Size | None) -> CutOut | Refused:
    """What the endpoint will answer: cut by the bytes alone, then held against the stated size."""
    made = cut.cut(data)
    return made if size is None or isinstance(made, Refused) else cut.against(made, size)


def cutout(photo: Path, out: Path, size: Size | None = None) -> dict[str, Any]:
    """Cut one file; write `cutout.png` (RGBA at the photo's size) and `report.json` into `out`. Answers the report.

    A refused photo has a report and no picture. Raises OSError.
    """
    started = time.perf_counter()
    data = photo.read_bytes()
    made = cut_out(data, size)
    out.mkdir(parents=True, exist_ok=True)
    (out / PICTURE).unlink(missing_ok=True)
    if isinstance(made, CutOut):
        (out / PICTURE).write_bytes(png(made))
    found = report(made, size)
    if size is not None and isinstance(made, CutOut):
        found["viewpoint"] = asdict(viewpoint.find(made.rgba[..., 3] > 127, size, made.rgba.shape[:2]))
    found |= {"key": cut.key(data), "engine": {"name": "cutout", "version": cut.VERSION}}
    found["seconds"] = round(time.perf_counter() - started, 3)
    (out / REPORT).write_text(json.dumps(found, indent=2))
    return found


def report(made: CutOut | Refused, size: Size | None) -> dict[str, Any]:
    """The report's part that follows from the cut-out alone."""
    stated = None if size is None else {"width_m": size.width, "depth_m": size.depth, "height_m": size.height}
    if isinstance(made, Refused):
        return {"confidence": 0.0, "doubts": [], "refused": asdict(made), "cutout": None, "size": stated}
    height, width = made.rgba.shape[:2]
    return {
        "confidence": made.confidence,
        "doubts": [asdict(one) for one in made.doubts],
        "refused": None,
        "cutout": PICTURE,
        "source": made.source,
        "width": width,
        "height": height,
        "box": dict(zip(("left", "top", "right", "bottom"), made.box, strict=True)),
        "size": stated,
        "measures": made.measures,
        "timings": made.timings,
    }


def png(made: CutOut) -> bytes:
    """Straight alpha, tagged as sRGB."""
    _, coded = cv2.imencode(".png", cv2.cvtColor(made.rgba, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 3])
    return tagged_png(coded.tobytes())


def _size(text: str) -> Size:
    try:
        return dimensions.read(text)
    except dimensions.NotASizeError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(args: argparse.Namespace) -> int:
    """0 done, doubts or not; 2 the photo was refused or cannot be opened."""
    try:
        found = cutout(args.photo, args.out, args.size)
    except OSError as error:
        print(f"Cannot read or write {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    if found["refused"]:
        print(f"{found['refused']['code']}: {found['refused']['message']}", file=sys.stderr)
        return 2
    print(f"{args.out / PICTURE}, confidence {found['confidence']:.2f}")
    for one in found["doubts"]:
        print(f"  {one['code']}: {one['message']}")
    return 0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `cutout` command; its parser sets `run`."""
    parser = subparsers.add_parser("cutout", help="cut a product out of its photo, on this machine")
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument(
        "--size", type=_size, metavar="WxDxH", help="the product's width, depth and height, as in 200x90x85cm"
    )
    parser.add_argument("--out", type=Path, default=Path("out"))
    parser.set_defaults(run=run)
