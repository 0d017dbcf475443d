"""`python -m tests.bench.search --seeds 50`: looks, with many seeds, for what the suite's one seed does not show.

First the tests of properties (hypothesis), each with so many seeds. Then schemathesis walks each surface with so many,
against its handlers on moto in this process: a seed takes seconds, where the emulator takes minutes. What is found lies
in the folder `--out`; the seed finds it again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from tests import conftest
from tests.support.explored import ROOT, Caller, Walk

assert conftest.ENVIRONMENT, "it is set before any store is imported"

from functions.surfaces import BY_NAME  # noqa: E402
from tests.support import cloud  # noqa: E402
from tests.support.agency import Agency  # noqa: E402
from tests.support.gateway import serving  # noqa: E402
from tests.support.issuer import issuer  # noqa: E402
from tests.support.surfaces import call  # noqa: E402
from vitrine.billing import service as billing  # noqa: E402
from vitrine.kernel.surface import Surface  # noqa: E402

PHOTO = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1000}
YEARS_S = 10 * 365 * 24 * 3600
"""Longer than the clock of a walk runs ahead."""


def realstaging(surface: Surface) -> Caller:
    token = issuer().token("alice", exp=int(time.time()) + YEARS_S)

    def post(path: str, body: Any) -> Any:
        return call(surface, f"POST /api/v1/{path}", token=token, body=body).json()

    project, upload = post("projects", {"name": "Elm Street 4"}), post("uploads/presign", PHOTO)
    return Caller(token, {"VITRINE_PROJECT": project["id"], "VITRINE_UPLOAD": upload["file_key"]})


def stagecraft(surface: Surface) -> Caller:
    key = Agency.open("enterprise").key
    (own,) = call(surface, "GET /api/account", token=key).json()["api_keys"]
    upload = call(surface, "POST /api/uploads/presign", token=key, body=PHOTO).json()
    return Caller(key, {"VITRINE_OWN_KEY": own["key_id"], "VITRINE_UPLOAD": upload["file_key"]})


CALLERS: dict[str, Callable[[Surface], Caller]] = {"realstaging": realstaging, "stagecraft": stagecraft}


def walk(name: str, seed: int, examples: int, out: Path) -> tuple[bool, str]:
    """Whether nothing was found, and what was tried.

    The phase of coverage tries the same whatever the seed, so it belongs to seed 0.
    """
    surface = BY_NAME[name]
    phases = "fuzzing,stateful" if seed else "examples,coverage,fuzzing,stateful"
    billing.forget_provisioned()
    with cloud.aws(), tempfile.TemporaryDirectory() as folder:
        _machines()
        caller = CALLERS[name](surface)
        with serving(surface) as url:
            ran = Walk(phases, examples, seed, within_s=3600).along(name, url, caller, Path(folder))
    if ran.returncode:
        (out / f"{name}-{seed}.txt").write_text(ran.stdout + ran.stderr)
    tried = next((line.strip() for line in ran.stdout.splitlines() if " generated" in line), "no summary")
    return ran.returncode == 0, tried


def _machines() -> None:
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    for name in ("staging", "batch", "webhook"):
        role = "arn:aws:iam::123456789012:role/any"
        boto3.client("stepfunctions").create_state_machine(name=name, definition=definition, roleArn=role)


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
    parser.add_argument("--only", choices=("properties", *CALLERS))
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "vitrine-search")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    held = True
    if options.only in (None, "properties"):
        held = properties(options.seeds, options.out)
    for name in CALLERS if options.only is None else {options.only} & CALLERS.keys():
        for seed in range(options.first, options.first + options.seeds):
            began = time.perf_counter()
            held_here, tried = walk(name, seed, options.examples, options.out)
            found = "nothing" if held_here else "FOUND"
            print(f"{name} {seed}: {found}; {tried}; {time.perf_counter() - began:.0f} s", flush=True)
            held &= held_here
    raise SystemExit(0 if held else f"Found something: see {options.out}")


if __name__ == "__main__":
    main()
