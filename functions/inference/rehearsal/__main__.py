"""Rehearse the SageMaker image: `python -m functions.inference.rehearsal`, as root, with debootstrap.

The steps are read from the Dockerfile, so they cannot drift from it. Then the entry point must answer `/ping`, stage
the photo twice through `/invocations`, run without root's rights and end with code 0 on SIGTERM. Not shown: a GPU, and
SageMaker itself. Prints the figures as JSON; exit code 1 when a promise is broken.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from functions.inference.drawn_room import drawn_room
from functions.inference.rehearsal.dockerfile import parse
from functions.inference.rehearsal.tree import Tree
from functions.inference.rehearsal.trial import rehearse

HERE = Path(__file__).parents[1]
TRUST = "/run/rehearsal/ca.crt"
PIP_CONFIG = "/run/rehearsal/pip.conf"


def main() -> int:
    options = _parser().parse_args()
    root = Path(tempfile.mkdtemp(prefix="vitrine-image-"))
    root.chmod(0o755)
    try:
        figures = _rehearse(options, root)
    finally:
        if options.keep:
            print(f"the tree is left in {root}", file=sys.stderr)
        else:
            shutil.rmtree(root)
    print(json.dumps(figures, indent=2))
    return 0 if figures["exit_code"] == 0 and figures["uid"] != 0 else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="functions.inference.rehearsal")
    parser.add_argument("--photo", type=Path, help="an empty room, JPEG; one is drawn without it")
    parser.add_argument("--mirror", default="http://deb.debian.org/debian")
    parser.add_argument("--trust", type=Path, default=os.environ.get("PIP_CERT"), help="CA bundle for pip")
    parser.add_argument("--pip-config", type=Path, help="pip.conf for the build")
    parser.add_argument("--bind", type=Path, action="append", default=[], help="folder that pip.conf names")
    parser.add_argument("--keep", action="store_true", help="leave the tree and say where it is")
    return parser


def _rehearse(options: argparse.Namespace, root: Path) -> dict[str, Any]:
    ignore = (HERE / "Dockerfile.dockerignore").read_text().splitlines()
    tree = Tree(root, HERE.parents[1], options.mirror, ignore, _binds(options), _build_environment(options))
    steps = []
    for instruction, seconds in tree.build(parse((HERE / "Dockerfile").read_text())):
        print(f"{seconds:7.1f} s  {instruction.name} {instruction.value[:90]}", file=sys.stderr)
        steps.append((f"{instruction.name} {instruction.value[:60]}", round(seconds, 1)))
    figures = {"steps_s": [step for step in steps if step[1] >= 0.1], "size_mb": tree.size_mb()}
    return figures | rehearse(tree, options.photo.read_bytes() if options.photo else drawn_room(seed=5))


def _binds(options: argparse.Namespace) -> dict[Path, str]:
    binds = {Path("/etc/resolv.conf"): "/etc/resolv.conf", **{path: str(path) for path in options.bind}}
    if options.trust:
        binds[Path(options.trust)] = TRUST
    if options.pip_config:
        binds[options.pip_config] = PIP_CONFIG
    return binds


def _build_environment(options: argparse.Namespace) -> dict[str, str]:
    trust = {"PIP_CERT": TRUST} if options.trust else {}
    return trust | ({"PIP_CONFIG_FILE": PIP_CONFIG} if options.pip_config else {})


if __name__ == "__main__":
    sys.exit(main())
