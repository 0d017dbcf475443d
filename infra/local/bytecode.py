"""Bytecode is stored, so that a module is compiled once and not by each of the hundreds of processes that import it."""

import os
import sys

from infra.local.workspace import DEFAULT_ROOT

STORED = DEFAULT_ROOT / "bytecode"


def store_bytecode() -> None:
    """Store the bytecode of this process and its children below `.vitrine`, where they may not write it beside sources.

    Images of containers and CI machines often set `PYTHONDONTWRITEBYTECODE`. Without stored bytecode a run of the tests
    spends a large part of its processor time in the compiler. Does nothing where Python stores bytecode already.
    """
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(STORED)
        sys.dont_write_bytecode = False
