"""Which way imports run in functions/inference, held by reading every import there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
INFERENCE = ROOT / "functions" / "inference"
PACKAGE = "functions.inference"

STEPS = ["read", "furnish", "render", "compose", "vehicles"]
"""The steps of a picture, and the drawn cars, which use some of them. Each may import itself and the ones before it."""
STEP = f"{PACKAGE}.engines.render."


def imports(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every module of ours that a file below `folder` imports, inside functions too."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)


def of_ours(folder: Path) -> list[tuple[Path, str]]:
    return [(path, module) for path, module in imports(folder) if module.startswith(PACKAGE)]


def test_every_module_of_a_picture_stands_in_the_folder_of_its_step() -> None:
    engine = INFERENCE / "engines" / "render"
    assert {path.name for path in engine.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_imports_no_later_one(step: str) -> None:
    allowed = tuple(f"{STEP}{name}." for name in STEPS[: STEPS.index(step) + 1])
    for path, module in of_ours(INFERENCE / "engines" / "render" / step):
        shared = module.startswith((f"{PACKAGE}.vision.", f"{PACKAGE}.engines.base."))
        assert shared or f"{module}.".startswith(allowed), f"{path} imports {module}"


@pytest.mark.parametrize(
    ("folder", "stranger"),
    [
        ("qc", "engines"),
        ("engines", "qc"),
        ("vehicle", "engines"),
        ("vehicle", "qc"),
        ("engines", "vehicle"),
        ("qc", "vehicle"),
        ("products", "engines"),
        ("products", "qc"),
        ("products", "vehicle"),
        ("vehicle", "products"),
        ("qc", "products"),
    ],
)
def test_engines_judge_eyes_and_cutter_do_not_know_each_other(folder: str, stranger: str) -> None:
    for path, module in of_ours(INFERENCE / folder):
        assert not f"{module}.".startswith(f"{PACKAGE}.{stranger}."), f"{path} imports {module}"


def test_what_both_need_imports_neither() -> None:
    for path, module in of_ours(INFERENCE / "vision"):
        assert module.startswith(f"{PACKAGE}.vision."), f"{path} imports {module}"
