"""`vitrine maintenance` and `vitrine tenant` in this process; journeys run them on the deployed stack."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.cli import main
from infra.operators import environment
from tests.support.everywhere import everywhere, mentions
from vitrine.kernel import clients, operations


@pytest.fixture(autouse=True)
def _inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is there already: moto's."""
    monkeypatch.setattr(environment, "enter", lambda _: None)


def answered(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("builtins.input", lambda _: text)


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The executions that were stopped."""
    names = list[str]()

    class States:
        def stop_execution(self, *, executionArn: str, **_: Any) -> None:  # noqa: N803 - Step Functions' spelling
            names.append(executionArn.rpartition(":")[2])

    monkeypatch.setattr(clients, "states", States)
    return names


def test_maintenance_is_switched_on_and_off_and_says_where_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["maintenance", "on", "--message", "Back at noon."]) == 0
    assert "Back at noon." in capsys.readouterr().out
    assert main(["maintenance", "status"]) == 0
    assert capsys.readouterr().out.startswith("on since ")
    assert main(["maintenance", "off"]) == 0
    assert capsys.readouterr().out.startswith("off")
    assert operations.health().maintenance is None


@pytest.mark.parametrize("said", ["", "yes", "ten_b"])
def test_nothing_is_erased_unless_the_tenant_is_named_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    everywhere("ten_a")
    before = mentions("ten_a")
    answered(monkeypatch, said)
    assert main(["tenant", "erase", "ten_a"]) == 1
    assert mentions("ten_a") == before
    assert "Nothing was erased" in capsys.readouterr().err


def test_an_erasure_that_cancels_work_asks_to_be_run_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stopped: list[str]
) -> None:
    job = everywhere("ten_a")
    answered(monkeypatch, "ten_a")
    assert main(["tenant", "erase", "ten_a"]) == 3
    assert "run this again after" in capsys.readouterr().out
    assert stopped == [job.id]
    assert mentions("ten_a") == []


def test_an_erasure_of_nobody_is_finished_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tenant", "erase", "ten_nobody", "--yes"]) == 0
    assert json.loads(capsys.readouterr().out)["finished_at"]


def test_an_address_without_an_account_is_reported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["tenant", "export", "--email", "nobody@agency.example", "--out", str(tmp_path)]) == 1
    assert "no account" in capsys.readouterr().err


def test_a_copy_of_an_unknown_tenant_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["tenant", "export", "ten_nobody", "--out", str(tmp_path)]) == 1
    assert "nothing of this tenant" in capsys.readouterr().err


def test_a_copy_is_written_and_summed_up(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    everywhere("ten_a")
    assert main(["tenant", "export", "ten_a", "--out", str(tmp_path / "copy")]) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == 5
    assert (tmp_path / "copy" / "jobs.json").exists()


def test_whose_data_it_is_about_must_be_said() -> None:
    with pytest.raises(SystemExit):
        main(["tenant", "erase", "--yes"])
