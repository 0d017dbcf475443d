import io
import sys
from pathlib import Path

import pytest

from infra.local import cdk
from infra.local.cdk import CdkApp
from infra.local.progress import Step


class Recorder(Step):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[float, float, str]] = []

    def at(self, done: float, total: float, note: str = "") -> None:
        self.seen.append((done, total, note))


@pytest.fixture
def app(tmp_path: Path) -> CdkApp:
    (tmp_path / "functions" / "api").mkdir(parents=True)
    (tmp_path / "functions" / "api" / "handler.py").write_text("a = 1")
    (tmp_path / "cdk.json").write_text("{}")
    return CdkApp(folder=tmp_path, command=("app",), sources=("functions", "cdk.json", "missing"))


def test_the_same_sources_have_the_same_fingerprint(app: CdkApp) -> None:
    assert app.fingerprint() == app.fingerprint()


@pytest.mark.parametrize("name", ["functions/api/handler.py", "functions/new.py", "cdk.json", "missing"])
def test_a_changed_or_new_source_changes_the_fingerprint(app: CdkApp, name: str) -> None:
    before = app.fingerprint()

    (app.folder / name).write_text("a = 2")

    assert app.fingerprint() != before


def test_a_moved_source_changes_the_fingerprint(app: CdkApp) -> None:
    before = app.fingerprint()

    (app.folder / "functions" / "api" / "handler.py").rename(app.folder / "functions" / "api" / "other.py")

    assert app.fingerprint() != before


def test_another_context_has_another_fingerprint(app: CdkApp) -> None:
    other = CdkApp(app.folder, app.command, app.sources, context=(("issuer", "http://127.0.0.1:1"),))

    assert other.fingerprint() != app.fingerprint()


def test_bytecode_does_not_change_the_fingerprint(app: CdkApp) -> None:
    before = app.fingerprint()

    (app.folder / "functions" / "__pycache__").mkdir()
    (app.folder / "functions" / "__pycache__" / "handler.cpython-311.pyc").write_bytes(b"1")

    assert app.fingerprint() == before


def test_the_cli_s_events_move_the_bar() -> None:
    step = Recorder()

    cdk._show("vitrine-local-data | 12/69 | 7:29:54 AM | CREATE_COMPLETE | AWS::S3::Bucket | Media\n", step)
    cdk._show("Outputs:\n", step)

    assert step.seen == [(12, 69, "vitrine-local-data")]


def run(source: str, app: CdkApp) -> tuple[cdk.Said, str]:
    log = io.StringIO()
    said = cdk._watch((sys.executable, "-c", source), app, {}, log, Step())
    return said, log.getvalue()


def test_what_the_cli_says_is_logged_and_its_exit_code_kept(app: CdkApp) -> None:
    said, log = run("print('no such stack'); raise SystemExit(1)", app)

    assert (said.code, said.last, log) == (1, "no such stack", "no such stack\n")


def test_a_deploy_that_hangs_is_ended(app: CdkApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdk, "LIMIT_S", 0.3)

    said, _ = run("import time; print('waiting', flush=True); time.sleep(60)", app)

    assert said.code < 0
    assert "took more than" in cdk._failed("deploy", said, "cdk.log").message
