"""`vitrine previews`: the pictures of the styles that stagecraft lists, made by the render engine from our own room."""

import argparse
import io
import sys
from pathlib import Path

from PIL import Image

from functions.inference.engines.base import StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from infra.errors import CommandError
from vitrine.contracts.catalogue import Quality, RoomType
from vitrine.pictures import decoding
from vitrine.staging import styles
from vitrine.staging.styles import StyleEntry

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "infra" / "local" / "demo" / "room.jpg"
OUT = ROOT / "functions" / "stagecraft_api" / "previews"
WIDTH = 640
MOST_BYTES = 40_000
"""All of them travel in the function's zip, and each through an API that knows no CDN."""
DEADLINE_S = 600.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("previews", help="render the styles' preview pictures anew")
    parser.add_argument("styles", nargs="*", metavar="STYLE", help="only these")
    parser.add_argument("--photo", type=Path, default=ROOM, help="an empty room")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quality", type=Quality, choices=list(Quality), default=Quality.PREMIUM)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    asked = [style for style in styles.offered() if not args.styles or style.id in args.styles]
    args.out.mkdir(parents=True, exist_ok=True)
    engine = RenderEngine()
    try:
        for style in asked:
            picture = _staged(engine, args.photo.read_bytes(), style, args.seed, args.quality)
            path = args.out / f"{style.id}.jpg"
            path.write_bytes(small_jpeg(picture))
            print(f"{path} {path.stat().st_size:,} bytes")
    finally:
        engine.close()
    return 0


def _staged(engine: RenderEngine, photo: bytes, style: StyleEntry, seed: int, quality: Quality) -> bytes:
    options = StageOptions(RoomType.LIVING_ROOM, style.engine_style, seed, quality, None, DEADLINE_S, seed)
    answer = engine.stage(photo, options, _show)
    if not isinstance(answer, StagedPhoto):
        raise CommandError(f"The room cannot be staged in {style.id}.", answer.message)
    return answer.picture_png


def small_jpeg(png: bytes, width: int = WIDTH, most: int = MOST_BYTES) -> bytes:
    """The picture at that width, as well as it can be had in so many bytes."""
    picture = Image.fromarray(decoding.read(png))
    small = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    return next(jpeg for jpeg in (_jpeg(small, quality) for quality in range(88, 30, -4)) if len(jpeg) <= most)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _show(step: str, share: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{share:4.0%} {step:<24}", end="" if share < 1 else "\n", file=sys.stderr, flush=True)
