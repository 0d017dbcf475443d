"""Each deployed function, run as Lambda would: its own zip, its own layers, its own variables, nothing else."""

import os
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.packaging.archive import Archive
from infra.packaging.assets import CACHE, Assets
from infra.packaging.layers import LAYERS
from infra.packaging.target import host
from tests.infra.clouds import Resource, cloud

# Zips that nothing asked for in a week are deleted, by the times that the file system gives them.
pytestmark = pytest.mark.todays_clock

ASSETS = Assets(host())
MODULES = ASSETS.functions
# What Lambda itself puts into a function's environment.
RUNTIME = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_LAMBDA_FUNCTION_NAME": "test",
}
PROGRAM = """
import importlib, pathlib, sys
sys.path[:0] = sys.argv[2:]
handler = importlib.import_module(sys.argv[1]).handler
assert callable(handler)
for path in sorted(pathlib.Path(sys.argv[2]).rglob("*.py")):
    importlib.import_module(".".join(path.relative_to(sys.argv[2]).with_suffix("").parts).removesuffix(".__init__"))
"""


@cache
def functions() -> dict[str, Resource]:
    """The deployed functions by their modules."""
    found = cloud("local").all("AWS::Lambda::Function")
    return {function.properties["Handler"].removesuffix(".handler"): function for function in found}


def _unpacked(archive: Archive) -> Path:
    folder = CACHE.parent / "unpacked" / f"{archive.name}-{archive.key}"
    if not folder.exists():
        partial = folder.with_suffix(f".{os.getpid()}")
        with zipfile.ZipFile(archive.path) as zipped:
            zipped.extractall(partial)
        try:
            partial.rename(folder)
        except OSError:
            assert folder.exists()
    return folder


def _layers(function: Resource) -> list[str]:
    """The layers' names, from the logical ids that the construct gives them: LayerBase1A2B3C4D."""
    ids = [layer["Ref"] for layer in function.properties["Layers"]]
    return [name for id_ in ids for name in LAYERS if id_.startswith(f"Layer{name.title()}")]


def _variables(function: Resource) -> dict[str, str]:
    return {name: _resolved(value) for name, value in function.properties["Environment"]["Variables"].items()}


def _resolved(value: Any) -> str:
    return value if isinstance(value, str) else "vitrine-known-after-deployment"


def _run(module: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    function = functions()[module]
    paths = [
        _unpacked(ASSETS.function_archive(module)),
        *(_unpacked(ASSETS.layer_archive(name)) / "python" for name in _layers(function)),
    ]
    return subprocess.run(
        [sys.executable, "-S", "-B", "-c", PROGRAM, module, *map(str, paths)],
        env={**RUNTIME, **variables},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("module", MODULES)
def test_a_function_imports_with_exactly_its_zip_its_layers_and_its_variables(module: str) -> None:
    """Every module of its zip does, those too that it imports only as it answers."""
    ran = _run(module, _variables(functions()[module]))
    assert ran.returncode == 0, ran.stderr[-2000:]


@pytest.mark.parametrize(
    ("module", "variable"),
    [
        ("functions.realstaging_api.images", "VITRINE_OIDC_ISSUER"),
        ("functions.realstaging_api.billing", "VITRINE_BILLING_TABLE"),
        ("functions.reactions.start_work", "VITRINE_WORK_MACHINES_PREFIX"),
        ("functions.pipeline.start_inference", "VITRINE_STAGING_ENDPOINT"),
    ],
)
def test_a_function_that_lacks_a_variable_fails_its_cold_start_and_names_it(module: str, variable: str) -> None:
    variables = _variables(functions()[module])
    del variables[variable]
    ran = _run(module, variables)
    assert ran.returncode != 0
    assert f"needs {variable}" in ran.stderr


def test_every_module_with_a_handler_is_deployed() -> None:
    assert set(MODULES) == set(functions())
