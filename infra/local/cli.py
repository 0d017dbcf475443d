"""`vitrine`: everything that is done on this machine."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from importlib.util import find_spec

MODULES = (
    "infra.local.commands.demo",
    "infra.local.commands.up",
    "infra.local.commands.status",
    "infra.local.commands.token",
    "infra.local.commands.logs",
    "infra.local.commands.down",
    "infra.local.commands.identity",
    "infra.local.stage",
    "infra.local.gallery",
    "infra.local.model",
)
"""Each has `register(commands)`, imports nothing heavy at module level, and sets `run` to what takes the options."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    from infra.local.errors import LocalError

    try:
        return int(options.run(options) or 0)
    except LocalError as error:
        print(f"vitrine: {error.message}\n{error.advice}", file=sys.stderr)
        if error.detail:
            print(f"It said last:\n{error.detail}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="vitrine", description="Vitrine on this machine.")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    for name in MODULES:
        if find_spec(name):
            importlib.import_module(name).register(commands)
    return whole


if __name__ == "__main__":
    sys.exit(main())
