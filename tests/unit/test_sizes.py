"""Code is read in small pieces: no long file, and functions that fit into one look."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
FOLDERS = ("functions", "infra", "layers", "tests")
MOST_LINES = 400
MEDIAN_LINES, NINE_IN_TEN_LINES = 4, 12
"""Lines of a function's body, its docstring left out."""


def sources(*folders: str) -> list[Path]:
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [path for path in found if not {"__pycache__", "node_modules", ".venv"} & set(path.parts)]


def body_lines(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1:] if ast.get_docstring(node) else node.body
            yield (node.end_lineno or 0) - first[0].lineno + 1 if first else 0


def test_no_file_is_longer_than_400_lines() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources(*FOLDERS)}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


def test_functions_are_short() -> None:
    lines = [count for path in sources(*FOLDERS) for count in body_lines(path)]
    assert median(lines) <= MEDIAN_LINES
    assert quantiles(lines, n=10)[-1] <= NINE_IN_TEN_LINES
