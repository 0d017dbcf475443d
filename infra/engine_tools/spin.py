"""`vitrine spin`: photos all around a drawn car, and the truth about each, on this machine and without the cloud."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from functions.inference.engines.render.render import toolchain
from functions.inference.engines.render.vehicles.job import BODIES, MODES, PAINTS, SpinJob
from infra.errors import CommandError

TRUTH = "truth.json"
SMALLEST, LARGEST = 160, 4096
FRAMES = (4, 144)

Progress = Callable[[int], None]


def spin(job: SpinJob, out: Path, progress: Progress = lambda _done: None) -> Path:
    """Render the frames, their masks and `truth.json` into `out`; answers the truth's path.

    The renderer is a child process: what it needs of LLVM is said in its environment. Raises `CommandError` when there
    is no LLVM to be had, or when rendering fails.
    """
    library = toolchain.ensure_llvm()
    if library is None:
        raise CommandError(
            "Spins are rendered with LLVM, and there is none.", "Set VITRINE_LIBLLVM to libLLVM 17 to 21."
        )
    out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "functions.inference.engines.render.vehicles", str(out)]
    child = subprocess.Popen(  # noqa: S603
        command, env=toolchain.environment(library), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdin and child.stdout
        child.stdin.write(job.to_json())
        child.stdin.close()
        for line in child.stdout:
            progress(int(line))
    if child.returncode:
        raise CommandError("The renderer stopped before the spin was whole.", "Its own words are above.")
    return out / TRUTH


def size(text: str) -> tuple[int, int]:
    """Width and height of `1600x1067`; both are made even."""
    try:
        width, height = (int(part) // 2 * 2 for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not WIDTHxHEIGHT") from None
    if not all(SMALLEST <= side <= LARGEST for side in (width, height)):
        raise argparse.ArgumentTypeError(f"each side may have {SMALLEST} to {LARGEST} pixels")
    return width, height


def _count(text: str) -> int:
    low, high = FRAMES
    if not text.isdigit() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{low} to {high} frames")
    return int(text)


def _job(args: argparse.Namespace) -> SpinJob:
    width, height = args.size
    return SpinJob(args.mode, args.frames, args.night, args.body, args.paint, width, height, args.seed)


def run(args: argparse.Namespace) -> int:
    def show(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done}/{args.frames}", end="" if done < args.frames else "\n", file=sys.stderr, flush=True)

    print(spin(_job(args), args.out, show))
    return 0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `spin` command; its parser sets `run`."""
    parser = subparsers.add_parser("spin", help="render photos all around a drawn car, with masks and plates known")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--frames", type=_count, default=24, metavar="N")
    parser.add_argument("--mode", choices=MODES, default=MODES[0], help="a turntable, or a person walking around")
    parser.add_argument("--night", action="store_true", help="low light, and the noise that comes with it")
    parser.add_argument("--body", choices=BODIES, default=BODIES[0])
    parser.add_argument("--paint", choices=PAINTS, default=PAINTS[0])
    parser.add_argument("--size", type=size, default=(1600, 1066), metavar="WxH")
    parser.add_argument(
        "--seed", type=int, default=1, help="decides the plate, the surroundings and the camera's shake"
    )
    parser.set_defaults(run=run)
