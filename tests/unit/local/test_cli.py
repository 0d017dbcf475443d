import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from functions.surfaces import SURFACES
from infra import cli
from infra.local.commands import demo, token
from infra.local.workspace import REPOSITORY, Workspace

HEAVY = {"aws_cdk", "boto3", "botocore", "httpx", "mitsuba", "numpy", "PIL", "pydantic", "rich", "starlette", "uvicorn"}


@pytest.mark.parametrize("command", ["demo", "up", "status", "token", "account", "logs", "mail", "down"])
def test_a_command_line_imports_nothing_heavy(command: str) -> None:
    code = f"import sys, json; from infra import cli; cli.parser(['{command}']); print(json.dumps([*sys.modules]))"

    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)

    assert HEAVY & set(loaded) == set()


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])

    output = capsys.readouterr().out
    assert all(name in output for name, module in cli.MODULES.items() if find_spec(module))


@pytest.mark.parametrize("command", ["demo", "up", "status", "token", "logs", "mail", "down", "rotate-keys"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])

    assert ended.value.code == 0
    assert "--state" in capsys.readouterr().out


def test_the_status_of_nothing_is_unhealthy_and_still_json(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["status", "--json", "--state", str(workspace.root)])

    status = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (status["healthy"], status["surfaces"]) == (False, {})
    assert set(status) == {"surfaces", "emulator", "endpoint", "identity", "parts", "pages", "healthy"}


def test_stopping_nothing_is_no_error(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["down", "--state", str(workspace.root)]) == 0
    assert "Nothing was running" in capsys.readouterr().out


def test_a_failure_is_printed_with_what_to_do(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["token", "realstaging", "--state", str(workspace.root)])

    output = capsys.readouterr()
    assert code == 1
    assert output.out == ""
    assert "vitrine up" in output.err


def test_there_is_a_credential_for_the_callers_of_every_surface() -> None:
    assert {surface.callers.credential for surface in SURFACES if surface.callers} <= token.CREDENTIALS.keys()


def test_an_unknown_part_s_log_is_refused(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["logs", "engine", "--state", str(workspace.root)]) == 1
    assert "emulator" in capsys.readouterr().err


def test_logs_show_the_last_lines(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace.logs / "cdk.log").write_text("first\nsecond\nthird\n")

    cli.main(["logs", "cdk", "-n", "2", "--state", str(workspace.root)])

    assert capsys.readouterr().out.splitlines() == ["==> cdk <==", "second", "third"]


def test_forgetting_deletes_the_data(workspace: Workspace) -> None:
    (workspace.data / "s3").mkdir()

    cli.main(["down", "--forget", "--state", str(workspace.root)])

    assert not (workspace.data / "s3").exists()


def test_the_demo_prefers_a_real_photo_to_the_drawn_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tmp_path / "shared" / "photos" / "living-room-empty.jpg"
    monkeypatch.setattr("infra.local.workspace.REPOSITORY", tmp_path / "checkout")

    assert demo.demo_photo() == tmp_path / "checkout" / "infra" / "local" / "demo" / "room.jpg"
    real.parent.mkdir(parents=True)
    real.touch()
    assert demo.demo_photo() == real


def test_the_room_that_is_committed_for_the_demo_is_there() -> None:
    assert (REPOSITORY / "infra" / "local" / "demo" / demo.DRAWN).is_file()
