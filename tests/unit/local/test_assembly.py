import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from infra.errors import CommandError
from infra.local import assembly, emulator
from infra.local.assembly import Build, CdkApp
from infra.local.progress import Silent
from infra.local.run import start
from infra.local.workspace import Workspace

SYNTH = """
import json, os, pathlib
out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.mkdir(exist_ok=True)
(out / "context.json").write_text(os.environ["CDK_CONTEXT_JSON"])
(out / "api.assets.json").write_text(json.dumps({"files": {"a": {"source": {"path": "../made.zip"}}}}))
(out.parent / "made.zip").touch()
"""


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


@pytest.fixture
def synth(app: CdkApp) -> CdkApp:
    """An app that writes what it was given, and an assembly that names one zip."""
    return CdkApp(app.folder, (sys.executable, "-c", SYNTH), app.sources, context=(("environment", "local"),))


def test_the_app_gets_the_flags_of_the_project_and_the_context(workspace: Workspace, synth: CdkApp) -> None:
    (synth.folder / "cdk.json").write_text('{"context": {"flag": true}}')

    assembly.synthesise(workspace, synth, "print")

    given = json.loads((workspace.assembly / "context.json").read_text())
    assert given == {"flag": True, "environment": "local", "aws:cdk:disable-asset-staging": True}


def test_an_assembly_is_current_until_its_fingerprint_or_a_zip_changes(workspace: Workspace, synth: CdkApp) -> None:
    assert not assembly.is_current(workspace, "print")

    assembly.synthesise(workspace, synth, "print")

    assert assembly.is_current(workspace, "print")
    assert not assembly.is_current(workspace, "another")
    (workspace.root / "made.zip").unlink()
    assert not assembly.is_current(workspace, "print")


def test_a_synthesis_that_fails_says_why_and_leaves_nothing_current(workspace: Workspace, synth: CdkApp) -> None:
    assembly.synthesise(workspace, synth, "print")
    broken = CdkApp(synth.folder, (sys.executable, "-c", "print('no lock'); raise SystemExit(1)"), synth.sources)

    with pytest.raises(CommandError) as failed:
        assembly.synthesise(workspace, broken, "print")

    assert failed.value.detail == "no lock"
    assert not assembly.is_current(workspace, "print")


def test_nothing_is_made_when_the_assembly_is_current(workspace: Workspace, synth: CdkApp) -> None:
    assembly.synthesise(workspace, synth, synth.fingerprint())

    with ThreadPoolExecutor() as pool:
        build = Build.begin(workspace, synth, pool, Silent())

    assert (build.packaging, build.running) == (None, [])


@pytest.fixture
def s3_port() -> Iterator[int]:
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    port = server.get_host_and_port()[1]
    httpx.post(f"http://127.0.0.1:{port}/moto-api/reset")
    yield port
    server.stop()


def packaging(*lines: str) -> "subprocess.Popen[str]":
    return start((sys.executable, "-c", f"print({chr(10).join(lines)!r})"), Path.cwd(), {})


def uploaded(port: int) -> dict[str, bytes]:
    s3 = emulator.client("s3", port)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=assembly.ASSET_BUCKET)["Contents"]]
    return {key: s3.get_object(Bucket=assembly.ASSET_BUCKET, Key=key)["Body"].read() for key in keys}


def test_each_zip_is_put_where_the_cdk_looks_for_it(s3_port: int, tmp_path: Path) -> None:
    for name in ("core", "base"):
        (tmp_path / name).write_text(name)

    assembly.upload(packaging(f"1a {tmp_path / 'core'}", f"2b {tmp_path / 'base'}"), s3_port)

    assert uploaded(s3_port) == {assembly.object_key("1a"): b"core", assembly.object_key("2b"): b"base"}


def test_a_zip_that_is_there_is_not_read_again(s3_port: int, tmp_path: Path) -> None:
    (tmp_path / "core").write_text("core")
    assembly.upload(packaging(f"1a {tmp_path / 'core'}"), s3_port)
    (tmp_path / "core").unlink()

    assembly.upload(packaging(f"1a {tmp_path / 'core'}"), s3_port)

    assert uploaded(s3_port) == {assembly.object_key("1a"): b"core"}
