"""`python -m tests.bench.search --seeds 50`: looks, with many seeds, for what the suite's one seed does not show.

First the tests of properties (hypothesis), each with so many seeds. Then schemathesis walks each surface with so many,
against its handlers on moto in this process: a seed takes seconds, where the emulator takes minutes. What is found lies
in the folder `--out`; the seed finds it again.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import conftest

assert conftest.ENVIRONMENT, "it is set before any store is imported"

from functions.surfaces import BY_NAME  # noqa: E402
from tests.support import cloud  # noqa: E402
from tests.support.walks import ROOT, Walk, on_moto  # noqa: E402

LONGEST_S = 3600


def search(name: str, seed: int, examples: int, out: Path) -> bool:
    """Whether nothing was found. The phase of coverage tries the same whatever the seed, so it belongs to seed 0."""
    phases, began = "fuzzing,stateful" if seed else "examples,coverage,fuzzing,stateful", time.perf_counter()
    with cloud.aws():
        found = on_moto(BY_NAME[name], Walk(phases, examples, seed, LONGEST_S))
    if found.anything:
        (out / f"{name}-{seed}.txt").write_text(found.said)
    word, seconds = "FOUND" if found.anything else "nothing", time.perf_counter() - began
    print(f"{name} {seed}: {word} in {found.generated} cases, {seconds:.0f} s", flush=True)
    return not found.anything


def properties(seeds: int, out: Path) -> bool:
    """Whether all tests of properties hold with each seed."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "hypothesis and not journey", "--seeds", str(seeds)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    (out / "properties.txt").write_text(ran.stdout + ran.stderr)
    print(ran.stdout.strip().splitlines()[-1])
    return ran.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="the first seed of the walks")
    parser.add_argument("--examples", type=int, default=8, help="cases for each operation and seed")
    parser.add_argument("--only", choices=("properties", *BY_NAME))
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "vitrine-search")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    held = [properties(options.seeds, options.out)] if options.only in (None, "properties") else []
    for name in BY_NAME if options.only is None else {options.only} & BY_NAME.keys():
        seeds = range(options.first, options.first + options.seeds)
        held += [search(name, seed, options.examples, options.out) for seed in seeds]
    raise SystemExit(0 if all(held) else f"Found something: see {options.out}")


if __name__ == "__main__":
    main()
