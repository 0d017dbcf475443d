"""`vitrine stage`: the render engine alone, without the cloud."""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from functions.inference.engines.base import DeadlinePassed, EngineFailed, StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Engine

DEADLINE_S = 600.0


class StageRefused(Exception):
    """The photo cannot be staged; the message says why and what to do."""


@dataclass(frozen=True)
class _Files:
    picture: str = "after.png"
    mask: str = "mask.png"
    layout: str = "layout.json"
    report: str = "report.json"


FILES = _Files()


def _write(staged: StagedPhoto, options: StageOptions, engine: Engine, out: Path) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    (out / FILES.picture).write_bytes(staged.picture_png)
    (out / FILES.mask).write_bytes(staged.mask_png)
    (out / FILES.layout).write_text(staged.layout.model_dump_json(indent=2))
    report = {
        "after": FILES.picture,
        "mask": FILES.mask,
        "layout": FILES.layout,
        "room_type": staged.room_type,
        "style": options.style,
        "seed": options.seed,
        "plan_seed": options.plan_seed,
        "quality": options.quality,
        "width": staged.width,
        "height": staged.height,
        "scores": staged.scores.model_dump(),
        "warnings": [warning.model_dump() for warning in staged.warnings],
        "timings": {step: round(seconds, 3) for step, seconds in staged.timings.items()},
        "engine": engine.model_dump(),
    }
    path = out / FILES.report
    path.write_text(json.dumps(report, indent=2))
    return path


def _show(step: str, share: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{share:4.0%} {step:<24}", end="" if share < 1 else "\n", file=sys.stderr, flush=True)


def stage(
    photo: Path,
    *,
    style: Style = Style.MODERN_LUXURY,
    room_type: RoomType | None = None,
    seed: int = 0,
    plan_seed: int | None = None,
    quality: Quality = Quality.STANDARD,
    ceiling_height_m: float | None = None,
    out: Path,
) -> Path:
    """Stage one photo file and write picture, mask, layout and report to `out`; answers the report's path.

    Raises StageRefused when the photo cannot be staged, DeadlinePassed or EngineFailed when the engine fails.
    """
    engine = RenderEngine()
    options = StageOptions(room_type, style, seed, quality, ceiling_height_m, DEADLINE_S, plan_seed)
    try:
        answer = engine.stage(photo.read_bytes(), options, _show)
    finally:
        engine.close()
    if not isinstance(answer, StagedPhoto):
        raise StageRefused(f"{answer.code}: {answer.message}")
    return _write(answer, options, engine.engine, out)


def run(args: argparse.Namespace) -> int:
    """The command: 0 done, 1 the engine failed, 2 the photo was refused or cannot be opened."""
    try:
        report = stage(
            args.photo,
            style=args.style,
            room_type=args.room_type,
            seed=args.seed,
            plan_seed=args.plan_seed,
            quality=args.quality,
            ceiling_height_m=args.ceiling_height,
            out=args.out,
        )
    except StageRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"Cannot read or write {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except (DeadlinePassed, EngineFailed):
        print("The engine could not finish this photo; trying again may help.", file=sys.stderr)
        return 1
    print(report)
    return 0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `stage` command; its parser sets `run`."""
    parser = subparsers.add_parser("stage", help="stage one photo on this machine, without the cloud")
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument("--style", type=Style, choices=list(Style), default=Style.MODERN_LUXURY)
    parser.add_argument("--room-type", type=RoomType, choices=list(RoomType), help="guessed when not given")
    parser.add_argument("--seed", type=int, default=0, help="decides the layout")
    parser.add_argument("--plan-seed", type=int, help="shared by the photos of one home: decides designs and palette")
    parser.add_argument("--quality", type=Quality, choices=list(Quality), default=Quality.STANDARD)
    parser.add_argument("--ceiling-height", type=float, metavar="METRES", help="fixes the scale when it is known")
    parser.add_argument("--out", type=Path, default=Path("out"))
    parser.set_defaults(run=run)
