import pytest

from infra.local import emulator
from infra.local.workspace import Workspace


def test_nothing_of_a_real_account_reaches_what_talks_to_the_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL_S3", "CDK_DEFAULT_ACCOUNT"):
        monkeypatch.setenv(name, "of-a-real-account")

    environment = emulator.aws_environment(4566)

    assert "of-a-real-account" not in environment.values()
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"


def test_functions_inherit_nothing_from_this_process(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SECRET", "of-the-developer")

    environment = emulator._environment(workspace, 4566)

    assert "SOME_SECRET" not in environment
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert environment["AUTH"] == "true"
