"""What runs the stack here needs no operator's command, no generator and no engine tool."""

import ast
from pathlib import Path

from infra.local.workspace import REPOSITORY

OTHERS = ("infra.operators", "infra.generators", "infra.engine_tools", "infra.cli")


def imports_of(path: Path) -> set[str]:
    """The modules that a file imports, at its top or in its functions."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    origins = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    return named | origins


def test_what_runs_here_imports_no_other_group_of_commands() -> None:
    files = sorted((REPOSITORY / "infra" / "local").rglob("*.py"))
    assert len(files) > 20
    for path in files:
        assert not [name for name in imports_of(path) if name.startswith(OTHERS)], path
