import subprocess
import sys
from pathlib import Path

import pytest

from infra.errors import CommandError
from infra.local import tools
from infra.local.workspace import Workspace


def install_once(workspace: Workspace, done: list[str], fails: bool = False) -> None:
    def install() -> None:
        (workspace.tools / "thing").mkdir()
        if fails:
            raise CommandError("half way", "again")
        done.append("installed")

    tools._once(workspace, workspace.tools / "thing", install)


def test_what_is_installed_is_not_installed_again(workspace: Workspace) -> None:
    done: list[str] = []

    install_once(workspace, done)
    install_once(workspace, done)

    assert done == ["installed"]


def test_an_installation_that_broke_off_is_made_anew(workspace: Workspace) -> None:
    done: list[str] = []

    with pytest.raises(CommandError):
        install_once(workspace, done, fails=True)
    install_once(workspace, done)

    assert done == ["installed"]


def test_a_failed_download_says_which_and_how_to_go_on() -> None:
    nowhere = "import sys; print('Could not reach the registry'); sys.exit(2)"

    with pytest.raises(CommandError) as failed:
        tools._fetch("the emulator (ministack)", (sys.executable, "-c", nowhere))

    assert failed.value.message == "The emulator (ministack) could not be downloaded."
    assert "run the same command again" in failed.value.advice
    assert failed.value.detail == "Could not reach the registry"


def test_node_is_new_enough_and_runs() -> None:
    assert tools._node_version(str(tools.node())) >= tools.OLDEST_NODE


def test_npm_comes_with_node() -> None:
    version = subprocess.run([*tools._npm(), "--version"], capture_output=True, text=True, check=True).stdout

    assert version.strip()[0].isdigit()


def test_every_package_of_the_emulator_is_pinned_with_its_hashes() -> None:
    entries = tools.EMULATOR_LOCK.read_text().replace("\\\n", "").splitlines()
    packages = [entry for entry in entries if entry and not entry.lstrip().startswith("#")]

    assert any(package.startswith("ministack==") for package in packages)
    assert all("==" in package and "--hash=sha256:" in package for package in packages)


def test_the_lock_is_of_what_is_asked_for() -> None:
    asked = [line for line in (tools.HERE / "emulator.in").read_text().splitlines() if not line.startswith("#")]
    locked = Path(tools.EMULATOR_LOCK).read_text()

    assert asked
    assert all(f"{line} " in locked for line in asked)
