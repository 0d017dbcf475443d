"""The process that renders a spin: a job as JSON on standard input, a folder as argument, a line per finished frame."""

import sys
from pathlib import Path

import mitsuba as mi

from functions.inference.engines.render.vehicles.job import SpinJob


def main() -> None:
    mi.set_variant("llvm_ad_rgb")
    from functions.inference.engines.render.vehicles import spin

    spin.make(SpinJob.of_json(sys.stdin.read()), Path(sys.argv[1]), lambda done: print(done, flush=True))


if __name__ == "__main__":
    main()
