"""What a surface declares is read by infra, generators and tests, so it costs none of them a client or a handler."""

import subprocess
import sys

import pytest

from functions.surfaces import SURFACES
from infra.documents import load, operations


def loaded_by(statement: str, *names: str) -> list[str]:
    program = f"import sys; {statement}; print(*[name for name in {names!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return ran.stdout.split()


def test_the_list_of_surfaces_loads_neither_aws_nor_powertools_nor_tokens_nor_handlers() -> None:
    heavy = ("boto3", "botocore", "pynamodb", "aws_lambda_powertools", "jwt", "cryptography")
    handlers = [f"{surface.package}.{function.name}" for surface in SURFACES for function in surface.functions]
    assert loaded_by("import functions.surfaces", *heavy, *handlers) == []


def public_functions() -> list[str]:
    """The modules all of whose routes are public."""
    return [
        f"{surface.package}.{function.name}"
        for surface in SURFACES
        for function in surface.functions
        if all(route.is_public for route in operations(load(surface)) if route.function == function.name)
    ]


@pytest.mark.parametrize("module", public_functions())
def test_a_function_whose_routes_are_all_public_does_not_load_who_signs_in(module: str) -> None:
    assert loaded_by(f"import {module}", "jwt", "cryptography", "vitrine.identity.accounts.service") == []
