"""Operators' commands against AWS (moto): an environment that is found by its stack's outputs alone."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from infra import cli
from tests.support.cloud import aws
from tests.unit.operators.cloud import OUTPUTS, deploy
from vitrine.identity.accounts import service
from vitrine.kernel.clock import utc_now


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:
    with patch.dict(os.environ), aws():
        yield


def run(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    """What the command printed, of prod."""
    code = cli.main(["account", *command, "--environment", "prod", "--region", "us-east-1"])
    output = capsys.readouterr()
    assert code == 0, output.err
    return json.loads(output.out) if output.out.startswith("{") else output.out.strip()


def failed(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert cli.main(["account", *command, "--environment", "prod", "--region", "us-east-1"]) == 1
    return capsys.readouterr().err


def test_an_account_is_opened_changed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    deploy(OUTPUTS)
    opened = run(capsys, "create", "--email", "Ann@Agency.example", "--plan", "professional", "--name", "Ann")
    assert service.authenticate(opened["api_key"], utc_now()).tenant == opened["tenant"]
    run(capsys, "set-plan", "--email", "ann@agency.example", "--plan", "enterprise")
    key = run(capsys, "issue-key", "--email", "ann@agency.example")
    assert service.authenticate(key, utc_now()).plan == "enterprise"
    shown = run(capsys, "show", "--email", "ann@agency.example")
    assert (shown["email"], shown["plan"], shown["name"]) == ("ann@agency.example", "enterprise", "Ann")
    assert shown["usage"]["plan"]["photos_per_month"] == 5_000
    assert {found["prefix"] for found in shown["api_keys"]} == {opened["api_key"][:16], key[:16]}
    assert opened["api_key"] not in json.dumps(shown)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("create", "--email", "nobody"), "This is no e-mail address."),
        (("create", "--email", "ben@agency.example", "--plan", "golden"), "There is no plan golden."),
        (("create", "--email", "ann@agency.example"), "This address has an account."),
        (("show", "--email", "nobody@agency.example"), "This address has no account."),
        (("set-plan", "--email", "ann@agency.example", "--plan", "golden"), "There is no plan golden."),
        (("set-plan", "--email", "nobody@agency.example", "--plan", "trial"), "This address has no account."),
    ],
)
def test_what_cannot_be_done_is_said(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...], expected: str
) -> None:
    deploy(OUTPUTS)
    run(capsys, "create", "--email", "ann@agency.example")
    assert expected in failed(capsys, *command)


def test_the_number_of_keys_is_bounded_for_operators_too(capsys: pytest.CaptureFixture[str]) -> None:
    deploy(OUTPUTS)
    run(capsys, "create", "--email", "ann@agency.example")
    for _ in range(9):
        run(capsys, "issue-key", "--email", "ann@agency.example")
    assert "at most 10 keys" in failed(capsys, "issue-key", "--email", "ann@agency.example")


def test_an_environment_that_is_not_deployed_or_too_old_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert "vitrine-prod-data cannot be read" in failed(capsys, "show", "--email", "ann@agency.example")
    deploy({name: value for name, value in OUTPUTS.items() if name != "KeyPepperIs"})
    assert "does not say KeyPepperIs" in failed(capsys, "show", "--email", "ann@agency.example")


def test_nothing_deployed_on_this_machine_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["account", "show", "--email", "a@b.example", "--state", str(tmp_path)]) == 1
    assert "Nothing is deployed here." in capsys.readouterr().err
