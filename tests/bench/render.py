"""Times the render engine: `python -m tests.bench.render [--runs N] [--photo FILE] [--rival FOLDER | --no-rival]`.

For each size and quality it prints the median seconds of whole stagings in a warm child, the child's CPU seconds, its
peak memory, and the median of each step; then the start of a new process, import to first picture. The prototype in
`--rival` (`../shared/prototype` when it is there; it needs scipy: `uv run --with scipy python -m …`) stages the same
photo in the same session. A load average well above zero on the machine makes wall times worthless; CPU seconds suffer
less.
"""

import argparse
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from functions.inference.engines.base import StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from functions.inference.engines.render.render import toolchain
from vitrine.contracts.catalogue import Quality, RoomType, Style

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "infra" / "local" / "demo" / "room.jpg"
RIVAL = ROOT.parent / "shared" / "prototype"
SIZES = ((1024, 768), (1632, 1224))
GOALS_S = {(1024, Quality.STANDARD): 5.0, (1632, Quality.STANDARD): 8.0, (1632, Quality.PREVIEW): 1.5}
START_GOAL_S = 3.0
FIRST_PICTURE = """
import sys
from functions.inference.engines.base import StageOptions
from functions.inference.engines.render import RenderEngine
from vitrine.contracts.catalogue import Quality, RoomType
engine = RenderEngine()
photo = open(sys.argv[1], "rb").read()
answer = engine.stage(photo, StageOptions(RoomType.LIVING_ROOM, quality=Quality.PREVIEW), lambda *_: None)
assert answer.picture_png
engine.close()
"""
PROTOTYPE = """
import sys, time, cv2
import stage
photo, spp, runs = cv2.imread(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for seed in range(runs + 1):
    start, cpu = time.perf_counter(), time.process_time()
    found = stage.stage(photo, "living_room", "modern_luxury", seed, spp, photo.shape[1::-1])
    assert found and "out" in found, found
    print(time.perf_counter() - start, time.process_time() - cpu)
"""
PROTOTYPE_SAMPLES = {1024: 24, 1632: 16}
"""Paths per pixel with which STAGING.md measured it."""


@dataclass(frozen=True)
class Measure:
    seconds: float
    cpu_seconds: float
    steps: dict[str, float]


def resized(photo: Path, width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.open(photo).convert("RGB").resize((width, height), Image.Resampling.LANCZOS).save(out, "JPEG", quality=92)
    return out.getvalue()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def once(engine: RenderEngine, photo: bytes, quality: Quality, seed: int) -> Measure:
    pid = engine.child_pid
    assert pid is not None
    start, cpu = time.perf_counter(), cpu_seconds(pid)
    options = StageOptions(RoomType.LIVING_ROOM, list(Style)[seed % len(Style)], seed, quality, deadline_s=600)
    answer = engine.stage(photo, options, lambda _step, _share: None)
    assert isinstance(answer, StagedPhoto), answer
    return Measure(time.perf_counter() - start, cpu_seconds(pid) - cpu, answer.timings)


def rows(photo: Path, runs: int) -> Iterator[str]:
    for width, height in SIZES:
        data = resized(photo, width, height)
        for quality in (Quality.PREVIEW, Quality.STANDARD):
            engine = RenderEngine()
            engine.warm_up()
            once(engine, data, quality, 0)
            found = [once(engine, data, quality, seed) for seed in range(1, runs + 1)]
            memory = peak_mb(engine.child_pid or 0)
            engine.close()
            yield row(width, height, quality, found, memory)


def row(width: int, height: int, quality: Quality, found: list[Measure], memory: float) -> str:
    seconds = statistics.median(m.seconds for m in found)
    cpu = statistics.median(m.cpu_seconds for m in found)
    goal = GOALS_S.get((width, quality))
    steps = {name: statistics.median(m.steps.get(name, 0.0) for m in found) for name in found[0].steps}
    shown = " ".join(f"{name}={value:.2f}" for name, value in steps.items())
    verdict = f"goal {goal:.1f}" if goal else ""
    return f"{width}x{height} {quality:<9} {seconds:6.2f} s  {cpu:6.2f} s CPU  {memory:6.0f} MB  {verdict:<9} {shown}"


def start_up(runs: int) -> str:
    """A new process, from the interpreter's start to its first staged preview, kernels cached."""
    command = [sys.executable, "-c", FIRST_PICTURE, str(DEMO)]
    walls, cpus = [], []
    for _ in range(runs + 1):
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=ROOT, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(time.perf_counter() - start)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    wall, cpu = statistics.median(walls[1:]), statistics.median(cpus[1:])
    return f"new process to first staged preview: {wall:.2f} s  {cpu:.2f} s CPU  goal {START_GOAL_S:.1f}"


def rival_rows(folder: Path, photo: Path, runs: int) -> Iterator[str]:
    """The prototype beside it, warm, in a process of its own: it has no preview, so its standard is all there is."""
    library = toolchain.ensure_llvm()
    for width, height in SIZES:
        with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
            Path(file.name).write_bytes(resized(photo, width, height))
            command = [sys.executable, "-c", PROTOTYPE, file.name, str(PROTOTYPE_SAMPLES[width]), str(runs)]
            done = subprocess.run(
                command, cwd=folder, env={**toolchain.environment(library), "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        if done.returncode:
            yield f"{width}x{height} prototype  did not run: {(done.stderr.strip().splitlines() or ['?'])[-1]}"
            continue
        found = [tuple(map(float, line.split())) for line in done.stdout.splitlines()][1:]
        seconds, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        yield f"{width}x{height} prototype {seconds:6.2f} s  {cpu:6.2f} s CPU  {PROTOTYPE_SAMPLES[width]} paths a pixel"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--photo", type=Path, default=DEMO)
    parser.add_argument("--rival", type=Path, default=RIVAL)
    parser.add_argument("--no-rival", action="store_true")
    args = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs; python {sys.version.split()[0]}")
    for line in rows(args.photo, args.runs):
        print(line, flush=True)
    print(start_up(args.runs), flush=True)
    if args.rival.is_dir() and not args.no_rival:
        for line in rival_rows(args.rival, args.photo, args.runs):
            print(line, flush=True)
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
