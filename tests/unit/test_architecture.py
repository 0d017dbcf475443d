"""The import rules of DESIGN.md section 2, held by reading every import in the tree."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "layers" / "core" / "python" / "vitrine"

# Each context may import itself and what stands before it.
ORDER = ["kernel", "contracts", "identity", "assets", "jobs", "billing", "staging", "engagement", "trust"]
AWS = {"boto3", "botocore", "pynamodb"}
CONTEXTS = [path for path in CORE.iterdir() if path.is_dir() and path.name != "__pycache__"]


def python_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, as `vitrine.jobs.store` for `from vitrine.jobs import store` too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top(module: str) -> str:
    return module.split(".")[0]


def of_core(path: Path) -> list[list[str]]:
    return [module.split(".") for module in imports(path) if module.startswith("vitrine.")]


def test_every_context_has_its_place_in_the_order() -> None:
    assert {context.name for context in CONTEXTS} == set(ORDER)


@pytest.mark.parametrize("context", ORDER)
def test_dependencies_run_one_way(context: str) -> None:
    allowed = ORDER[: ORDER.index(context) + 1]
    for path in python_files(CORE / context):
        for module in of_core(path):
            assert module[1] in allowed, f"{path.name} of {context} imports {'.'.join(module)}"


def test_contracts_need_nothing_but_pydantic() -> None:
    for path in python_files(CORE / "contracts"):
        for module in imports(path):
            assert top(module) in {"pydantic", "enum", "typing"} or module.startswith("vitrine.contracts"), module


@pytest.mark.parametrize("name", ["rules.py", "models.py"])
def test_rules_and_models_know_no_aws(name: str) -> None:
    for path in CORE.rglob(name):
        assert not AWS & {top(module) for module in imports(path)}, path
        assert not {"store", "service"} & {part for module in of_core(path) for part in module[2:3]}, path


def test_only_stores_know_dynamodb() -> None:
    for path in python_files(ROOT / "layers") + python_files(ROOT / "functions"):
        if path.name != "store.py" and path != CORE / "kernel" / "tables.py":
            assert "pynamodb" not in {top(module) for module in imports(path)}, path


def test_no_context_touches_anothers_store() -> None:
    for context in ORDER:
        for path in python_files(CORE / context):
            stores = [module for module in of_core(path) if module[2:3] == ["store"] and module[1] != context]
            assert not stores, f"{path} imports {stores}"


def test_functions_call_services_never_stores() -> None:
    for path in python_files(ROOT / "functions"):
        assert not [module for module in of_core(path) if "store" in module], path


def test_the_layers_know_neither_functions_nor_infra() -> None:
    for path in python_files(ROOT / "layers"):
        assert not {"functions", "infra"} & {top(module) for module in imports(path)}, path


def test_functions_do_not_know_infra() -> None:
    for path in python_files(ROOT / "functions"):
        assert "infra" not in {top(module) for module in imports(path)}, path
