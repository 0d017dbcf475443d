"""What commands share."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.workspace import Workspace

Commands = Any
"""What `add_subparsers` returns; argparse gives it no public name."""


def add(commands: Commands, name: str, about: str) -> argparse.ArgumentParser:
    """A command's parser, with the option that all commands on a deployment have."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.add_argument("--state", type=Path, metavar="DIR", help="where the deployment lives (.vitrine)")
    return parser


def workspace_of(options: argparse.Namespace) -> "Workspace":
    from infra.local.workspace import Workspace

    return Workspace(root=options.state.resolve()) if options.state else Workspace()
