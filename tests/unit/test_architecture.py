"""The import rules of DESIGN.md section 2, held by reading every import in the tree.

Every form counts: `import a.b`, `from a import b`, `from a.b import c as d`, relative ones, and imports inside
functions or under TYPE_CHECKING. A nested package (`jobs.fair_queue`, `billing.stripe`) belongs to its context.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from vitrine.jobs.models import JobKind

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "layers" / "core" / "python"
CORE = PYTHON / "vitrine"

# Each context may import itself and what stands before it.
ORDER = [
    "kernel",
    "contracts",
    "pictures",
    "set_qc",
    "identity",
    "assets",
    "jobs",
    "billing",
    "work",
    "staging",
    "capture",
    "engagement",
    "trust",
]
APART = {
    "engagement": {"kernel", "contracts", "engagement"},
    "pictures": {"pictures"},
    "set_qc": {"contracts", "pictures", "set_qc"},
    "capture": {
        "kernel",
        "contracts",
        "pictures",
        "set_qc",
        "identity",
        "assets",
        "jobs",
        "billing",
        "work",
        "capture",
    },
}
"""What a context may import when that is less than all before it: engagement delivers what any context announces, the
SageMaker image holds `pictures` without the kernel, frames are judged without a deployment, and vehicles know nothing
of rooms."""
GENERIC = ["kernel", "jobs", "billing", "work", "engagement", "trust"]
"""Contexts that are written once for all kinds of work, so they name none."""
AWS = {"boto3", "botocore", "pynamodb"}
CONTEXTS = [path for path in CORE.iterdir() if path.is_dir() and path.name != "__pycache__"]
COMPOSITION = {"kinds_of_work.py", "bus_events.py"}
"""Modules beside the contexts: lists that put contexts together. No context may import them."""


def python_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]


def imports(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Every module that a file imports, as `vitrine.jobs.store` for `from vitrine.jobs import store` too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, path, root)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _base(node: ast.ImportFrom, path: Path, root: Path) -> str:
    """The package that a `from … import` takes from, its dots resolved."""
    if not node.level:
        return node.module or ""
    package = path.relative_to(root).parts[: -node.level]
    return ".".join((*package, *([node.module] if node.module else [])))


def top(module: str) -> str:
    return module.split(".")[0]


def of_core(path: Path, root: Path = PYTHON) -> list[list[str]]:
    return [module.split(".") for module in imports(path, root) if module.startswith("vitrine.")]


def foreign_stores(context: str, path: Path, root: Path = PYTHON) -> list[str]:
    """Stores of other contexts that a file imports, however deep they lie."""
    return [".".join(module) for module in of_core(path, root) if "store" in module[2:] and module[1] != context]


def test_every_context_has_its_place_in_the_order() -> None:
    assert {context.name for context in CONTEXTS} == set(ORDER)
    assert {path.name for path in CORE.glob("*.py")} <= COMPOSITION | {"__init__.py"}


@pytest.mark.parametrize("context", ORDER)
def test_dependencies_run_one_way(context: str) -> None:
    allowed = APART.get(context, set(ORDER[: ORDER.index(context) + 1]))
    for path in python_files(CORE / context):
        for module in of_core(path):
            assert module[1] in allowed, f"{path.name} of {context} imports {'.'.join(module)}"


def test_contracts_need_nothing_but_pydantic() -> None:
    for path in python_files(CORE / "contracts"):
        for module in imports(path):
            assert top(module) in {"pydantic", "enum", "typing"} or module.startswith("vitrine.contracts"), module


@pytest.mark.parametrize("name", ["rules.py", "models.py", "kinds.py", "failures.py", "announcements.py", "events.py"])
def test_rules_models_and_declarations_know_no_aws(name: str) -> None:
    for path in CORE.rglob(name):
        assert not AWS & {top(module) for module in imports(path)}, path
        assert not {"store", "service"} & {part for module in of_core(path) for part in module[2:]}, path


def test_only_stores_know_dynamodb() -> None:
    for path in python_files(ROOT / "layers") + python_files(ROOT / "functions"):
        if path.name != "store.py" and path != CORE / "kernel" / "tables.py":
            assert "pynamodb" not in {top(module) for module in imports(path)}, path


@pytest.mark.parametrize("context", ORDER)
def test_no_context_touches_anothers_store(context: str) -> None:
    for path in python_files(CORE / context):
        assert not foreign_stores(context, path), path


@pytest.mark.parametrize(
    "line",
    [
        "from vitrine.jobs import store",
        "from vitrine.jobs.store import get as look",
        "import vitrine.jobs.fair_queue.store",
        "from vitrine.jobs.fair_queue import service, store",
        "from ..jobs import store",
        "from ..jobs.fair_queue.store import holders",
        "def late():\n    from vitrine.jobs.fair_queue import store",
    ],
)
def test_a_foreign_store_is_seen_in_every_form_of_import_and_at_every_depth(tmp_path: Path, line: str) -> None:
    file = tmp_path / "vitrine" / "staging" / "some.py"
    file.parent.mkdir(parents=True)
    file.write_text(line)
    assert foreign_stores("staging", file, tmp_path)
    assert not foreign_stores("jobs", file, tmp_path)


def kinds_named(path: Path) -> list[str]:
    """Members of `JobKind` that a module names, as `JobKind.STAGE` or by their value beside something called kind."""
    tree = ast.parse(path.read_text())
    members = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in JobKind.__members__]
    named = [node.attr for node in members if isinstance(node.value, ast.Name) and node.value.id == "JobKind"]
    compared = [[node.left, *node.comparators] for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    texts = [side for sides in compared if any("kind" in ast.unparse(side) for side in sides) for side in sides]
    values = [side.value for side in texts if isinstance(side, ast.Constant)]
    return named + [str(value) for value in values if value in {kind.value for kind in JobKind}]


@pytest.mark.parametrize("context", GENERIC)
def test_what_is_written_for_all_kinds_of_work_names_none(context: str) -> None:
    for path in python_files(CORE / context):
        assert not kinds_named(path), path


def test_reactions_name_no_kind_of_work() -> None:
    for path in python_files(ROOT / "functions" / "reactions"):
        assert not kinds_named(path), path


def test_a_kind_that_is_named_is_found(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text("def late(job):\n    return job.kind is JobKind.STAGE or job.kind == 'batch'\n")
    assert kinds_named(file) == ["STAGE", "batch"]


def test_functions_call_services_never_stores() -> None:
    for path in python_files(ROOT / "functions"):
        assert not [module for module in of_core(path, ROOT) if "store" in module], path


def test_the_layers_know_neither_functions_nor_infra() -> None:
    for path in python_files(ROOT / "layers"):
        assert not {"functions", "infra"} & {top(module) for module in imports(path, PYTHON)}, path


def test_functions_do_not_know_infra() -> None:
    for path in python_files(ROOT / "functions"):
        assert "infra" not in {top(module) for module in imports(path)}, path


def test_no_context_imports_the_lists_that_put_contexts_together() -> None:
    lists = {name.removesuffix(".py") for name in COMPOSITION}
    for context in CONTEXTS:
        for path in python_files(context):
            assert not lists & {module[1] for module in of_core(path)}, path
