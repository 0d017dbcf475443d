"""A test's clock is an argument or the real one, never both: see tests/support/clock.py.

That nothing asks the real clock where it is an argument is found when tests run; what a module writes, here.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXEMPT = {"tests.support.clock", __name__}
REAL = {"utc_now", "datetime.now", "time.time", "time"}
EXPIRING = {*REAL, "now", "issuer.token", "signature"}
"""What these answer is soon of the past: nobody asks them while modules are imported, minutes before a test runs."""
_A_DATE = re.compile(r"\b(19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d")
_EPOCH = range(1_000_000_000, 2_200_000_000)


@dataclass(frozen=True)
class Module:
    name: str
    tree: ast.Module

    @cached_property
    def names_now(self) -> bool:
        return any("NOW" in names for module, names in self.imports if module.startswith("tests."))

    @cached_property
    def imports(self) -> list[tuple[str, set[str]]]:
        found = (node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom) and node.module)
        return [(str(node.module), {alias.name for alias in node.names}) for node in found]

    @cached_property
    def dates(self) -> list[int]:
        """The lines that name a moment: as a datetime, as text, or in seconds since 1970."""
        said = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Expr)}
        nodes = (node for node in ast.walk(self.tree) if isinstance(node, ast.expr) and id(node) not in said)
        return [node.lineno for node in nodes if _is_date(node)]

    def calls(self, names: set[str], root: ast.AST | None = None) -> list[int]:
        nodes = ast.walk(root or self.tree)
        return [node.lineno for node in nodes if isinstance(node, ast.Call) and _dotted(node.func) in names]

    @cached_property
    def at_import(self) -> list[int]:
        """The lines that ask an expiring thing while the module is imported."""
        return [line for node in _run_at_import(self.tree) for line in self.calls(EXPIRING, node)]


def _is_date(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and _dotted(node.func) == "datetime":
        return bool(node.args) and isinstance(node.args[0], ast.Constant)
    if not isinstance(node, ast.Constant):
        return False
    if isinstance(node.value, str):
        return bool(_A_DATE.search(node.value))
    return isinstance(node.value, int) and node.value in _EPOCH


def _dotted(node: ast.AST) -> str:
    """`time.time` of `time.time()`, `issuer.token` of `issuer().token()`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call):
        return _dotted(node.func)
    return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Everything but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (
                *child.decorator_list,
                *child.args.defaults,
                *(default for default in child.args.kw_defaults if default),
            )
        elif isinstance(child, ast.ClassDef):
            yield from _run_at_import(child)
        elif isinstance(child, ast.stmt):
            yield from _outside_lambdas(child)


def _outside_lambdas(node: ast.AST) -> Iterator[ast.AST]:
    if not any(isinstance(part, ast.Lambda) for part in ast.walk(node)):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.Lambda):
            yield from _outside_lambdas(child)


@cache
def modules() -> list[Module]:
    """Read once, and not while tests are collected: every worker collects all of them."""
    paths = (path for path in (ROOT / "tests").rglob("*.py") if "bench" not in path.parts)
    return [
        Module(".".join(path.relative_to(ROOT).with_suffix("").parts), ast.parse(path.read_text()))
        for path in sorted(paths)
    ]


def argument() -> list[Module]:
    return [module for module in modules() if module.names_now and module.name not in EXEMPT]


def on_the_real_clock() -> list[Module]:
    return [module for module in modules() if not module.names_now and module.name not in EXEMPT]


def lines(modules: list[Module], found: Callable[[Module], Iterable[object]]) -> list[str]:
    """What is found in the modules, with where it is."""
    return [f"{module.name}:{each}" for module in modules for each in found(module)]


def test_a_module_on_the_real_clock_names_no_date() -> None:
    """Such a line holds on some days only: take `utc_now()`, or name `NOW` and pass the clock."""
    assert lines(on_the_real_clock(), lambda module: module.dates) == []


def test_a_module_on_the_real_clock_uses_nothing_of_one_that_names_now() -> None:
    other_clock = {module.name for module in argument()}
    assert lines(on_the_real_clock(), lambda module: [name for name, _ in module.imports if name in other_clock]) == []


def test_a_module_that_names_now_does_not_ask_the_real_clock() -> None:
    assert lines(argument(), lambda module: module.calls(REAL)) == []


def test_nothing_that_expires_is_made_while_a_module_is_imported() -> None:
    assert lines(modules(), lambda module: module.at_import) == []


def test_what_tests_share_leaves_the_choice_to_them() -> None:
    assert [module.name for module in argument() if ".support." in module.name] == []


@pytest.mark.parametrize(
    ("source", "dates", "at_import"),
    [
        ("a = datetime(2026, 1, 1, tzinfo=UTC)", [1], []),
        ('a = "2026-01-01T12:00:00Z"', [1], []),
        ("a = 1793448000", [1], []),
        ('a = "2012-10-17"', [], []),
        ('a = issuer().token("bob")', [], [1]),
        ("def f(a=utc_now()): pass", [], [1]),
        ("class A:\n    b = time.time()", [], [2]),
        ("@parametrize(utc_now())\ndef f(): return utc_now()", [], [1]),
        ("a = {1: lambda: utc_now()}", [], []),
    ],
)
def test_dates_and_what_expires_are_found(source: str, dates: list[int], at_import: list[int]) -> None:
    module = Module("m", ast.parse(source))
    assert (module.dates, module.at_import) == (dates, at_import)
