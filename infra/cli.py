"""`vitrine`: the table of its commands, and how one is run."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from infra.local.bytecode import store_bytecode

MODULES = {
    "demo": "infra.local.commands.demo",
    "up": "infra.local.commands.up",
    "status": "infra.local.commands.status",
    "token": "infra.local.commands.token",
    "account": "infra.operators.account",
    "organisation": "infra.operators.organisation",
    "tenant": "infra.operators.tenant",
    "maintenance": "infra.operators.maintenance",
    "job": "infra.operators.job",
    "dlq": "infra.operators.dlq",
    "diff": "infra.operators.diff",
    "doctor": "infra.operators.doctor",
    "logs": "infra.local.commands.logs",
    "mail": "infra.local.commands.mail",
    "down": "infra.local.commands.down",
    "rotate-keys": "infra.local.commands.rotate_keys",
    "stage": "infra.engine_tools.stage",
    "verify": "infra.engine_tools.verify",
    "spin": "infra.engine_tools.spin",
    "set-qc": "infra.engine_tools.set_qc",
    "cutout": "infra.engine_tools.cutout",
    "gallery": "infra.engine_tools.gallery",
    "model": "infra.operators.model",
    "contracts": "infra.generators.contracts",
    "previews": "infra.generators.previews",
}
"""A command's module has `register(commands)`, which adds its parser and sets `run` to what takes the options."""


def main(arguments: Sequence[str] | None = None) -> int:
    store_bytecode()
    given = sys.argv[1:] if arguments is None else arguments
    options = parser(given).parse_args(given)
    from infra.errors import CommandError

    try:
        return int(options.run(options) or 0)
    except CommandError as error:
        print(f"vitrine: {error.message}\n{error.advice}", file=sys.stderr)
        if error.detail:
            print(f"Its last output:\n{error.detail}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser(given: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Knows the command that is given, or all of them when none is: a command loads no other's module."""
    whole = argparse.ArgumentParser(prog="vitrine", description="Vitrine: run it here, operate it anywhere.")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    asked = given[0] if given and given[0] in MODULES else None
    for name in [asked] if asked else MODULES:
        if find_spec(MODULES[name]):
            importlib.import_module(MODULES[name]).register(commands)
    return whole


if __name__ == "__main__":
    sys.exit(main())
