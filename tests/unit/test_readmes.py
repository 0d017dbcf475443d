"""What READMEs point at is there: links, paths, commands."""

import re
import subprocess
from pathlib import Path

import pytest

from infra.cli import MODULES
from infra.local.workspace import REPOSITORY

TOPS = ("infra", "functions", "layers", "events", "tests")
LINK = re.compile(r"\]\(([^)#:]+)\)")
PATH = re.compile(rf"`((?:{'|'.join(TOPS)})/[\w./-]+)`")
MODULE = re.compile(r"`((?:[a-z_]+\.)+(?!py`)[a-z_]+)`")
COMMAND = re.compile(r"\bvitrine ([a-z][a-z-]+)")


def tracked(pattern: str) -> list[str]:
    ran = subprocess.run(["git", "ls-files", pattern], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


PAGES = tracked("*.md")


def text_of(page: str) -> str:
    return (REPOSITORY / page).read_text()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    folder = (REPOSITORY / page).parent
    assert [link for link in LINK.findall(text_of(page)) if not (folder / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_is_there(page: str) -> None:
    assert [path for path in PATH.findall(text_of(page)) if not exists(path)] == []


def exists(path: str) -> bool:
    """A file, a folder, or a module without its ending."""
    return (REPOSITORY / path).exists() or (REPOSITORY / f"{path}.py").exists()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_one_of_ours(page: str) -> None:
    commands = re.findall(r"`([^`\n]+)`|^    (.+)$", text_of(page), re.MULTILINE)
    named = {name for code in commands for part in code for name in COMMAND.findall(part)}
    assert named <= MODULES.keys()


def test_every_module_that_the_tables_of_functions_and_contexts_name_is_there() -> None:
    core, functions = REPOSITORY / "layers" / "core" / "python" / "vitrine", REPOSITORY / "functions"
    for page, folder in (("layers/core/README.md", core), ("functions/README.md", functions)):
        named = {name.removeprefix("vitrine.") for name in MODULE.findall(text_of(page).split("## Decisions")[0])}
        assert [name for name in sorted(named) if not is_module(folder, name)] == []


def is_module(folder: Path, name: str) -> bool:
    """Whether `kernel.http` is one, or something in one such as `kernel.tables.commit`."""
    path = folder.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists() or path.parent.with_suffix(".py").exists()


def test_every_folder_of_the_table_of_infra_is_named_there() -> None:
    named = text_of("infra/README.md")
    folders = {Path(path).parts[1] for path in tracked("infra/*/*")}
    assert [folder for folder in sorted(folders) if f"`{folder}/`" not in named] == []
