"""Times the render engine: `python -m tests.bench.render [--runs N] [--photo FILE]`.

For each size and quality it prints the median seconds of whole stagings in a warm child, the child's CPU seconds, its
peak memory, and the median of each step. A load average well above zero on the machine makes the wall times worthless.
"""

import argparse
import io
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from functions.inference.engines.base import StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from vitrine.contracts.catalogue import Quality, RoomType, Style

DEMO = Path(__file__).resolve().parents[2] / "infra" / "local" / "demo" / "room.jpg"
SIZES = ((1024, 768), (1632, 1224))
GOALS_S = {(1024, Quality.STANDARD): 5.0, (1632, Quality.STANDARD): 8.0, (1632, Quality.PREVIEW): 1.5}


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
            found = [once(engine, data, quality, seed) for seed in range(runs)]
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


def start_up() -> float:
    """Seconds from a new engine to its first staged preview, kernels cached."""
    engine, start = RenderEngine(), time.perf_counter()
    engine.stage(DEMO.read_bytes(), StageOptions(RoomType.LIVING_ROOM, quality=Quality.PREVIEW), lambda _s, _p: None)
    seconds = time.perf_counter() - start
    engine.close()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--photo", type=Path, default=DEMO)
    args = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs; python {sys.version.split()[0]}")
    for line in rows(args.photo, args.runs):
        print(line, flush=True)
    print(f"new engine to first staged preview: {start_up():.2f} s")


if __name__ == "__main__":
    main()
