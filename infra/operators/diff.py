"""`vitrine diff`: stop before a deployment that would delete or replace what holds data."""

import argparse
import json
from pathlib import Path
from typing import Any

from infra.errors import CommandError
from infra.local.commands.common import Commands
from infra.operators import environment

SUFFIX = ".template.json"


def register(commands: Commands) -> None:
    about = "fail where a deployment would delete or replace tables, buckets, secrets, APIs, …"
    parser: argparse.ArgumentParser = commands.add_parser("diff", help=about, description=about)
    parser.add_argument("--new", type=Path, default=Path("cdk.out"), metavar="DIR", help="the synthesised templates")
    parser.add_argument("--old", type=Path, metavar="DIR", help="templates to compare with; else what is deployed")
    parser.add_argument("--environment", default="prod", metavar="NAME")
    environment.add_account(parser)
    parser.add_argument("--accept", action="append", default=[], metavar="ID", help="a logical id that may be lost")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.operators.template_diff import losses

    new = _templates(options.new)
    old = _templates(options.old) if options.old else _deployed(options)
    found = [loss for loss in losses(old, new) if loss.id not in options.accept]
    for loss in found:
        print(loss)
    print(f"{len(old)} stacks compared with {len(new)}: {len(found)} losses")
    return 1 if found else 0


def _templates(folder: Path) -> dict[str, Any]:
    found = {path.name.removesuffix(SUFFIX): json.loads(path.read_text()) for path in folder.glob(f"*{SUFFIX}")}
    if not found:
        raise CommandError(f"There are no templates in {folder}.", "Run `cdk synth -c environment=…` first.")
    return found


def _deployed(options: argparse.Namespace) -> dict[str, Any]:
    """The templates of the environment's stacks as they are deployed; none before the first deployment."""
    client = environment.session_of(options).client("cloudformation")
    names = environment.stacks_of(client, options.environment)
    return {name: _parsed(client.get_template(StackName=name)["TemplateBody"]) for name in names}


def _parsed(body: Any) -> Any:
    """botocore parses a template that is JSON."""
    return json.loads(body) if isinstance(body, str) else body
