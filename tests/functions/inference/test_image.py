"""The image's files agree with the project; that they build is shown by functions/inference/rehearsal."""

import subprocess
import sys
from pathlib import Path

import pytest

from functions.inference.rehearsal.dockerfile import Instruction, ignored, parse
from functions.inference.rehearsal.tree import STEPS, Tree

ROOT = Path(__file__).parents[3]
IMAGE = ROOT / "functions" / "inference"
EXPORT = "uv export --only-group inference --no-emit-project --no-annotate --no-header --frozen --quiet"


def test_the_images_requirements_are_the_projects_lock() -> None:
    exported = subprocess.run(
        [sys.executable, "-m", *EXPORT.split()], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (IMAGE / "requirements.lock").read_text() == exported, f"write it again: {EXPORT}"


def test_the_rehearsal_knows_every_instruction_of_the_dockerfile() -> None:
    instructions = parse((IMAGE / "Dockerfile").read_text())
    assert {instruction.name for instruction in instructions} <= STEPS.keys()
    assert all("$" not in one.value for one in instructions if one.name == "ENV")


def test_sagemakers_serve_argument_reaches_the_entry_point() -> None:
    instructions = {one.name: one for one in parse((IMAGE / "Dockerfile").read_text())}
    assert instructions["ENTRYPOINT"].words == ["python", "-m", "functions.inference"]
    assert instructions["CMD"].words == ["serve"]


def test_continuation_lines_are_joined_and_comments_dropped() -> None:
    text = "# first\nENV A=1 \\\n    B='two words'\n\n# second\nRUN x \\\n  && y\n"
    assert parse(text) == [Instruction("ENV", "A=1      B='two words'"), Instruction("RUN", "x    && y")]
    assert parse(text)[0].assignments == {"A": "1", "B": "two words"}


def test_a_variable_in_env_is_refused_because_it_would_not_be_expanded() -> None:
    with pytest.raises(ValueError, match="PATH"):
        _ = Instruction("ENV", "PATH=/x:$PATH").assignments


@pytest.mark.parametrize(
    ("path", "left_out"),
    [
        ("functions/inference/serve.py", False),
        ("functions/inference/engines/render/read/room.py", False),
        ("functions/inference/__pycache__/serve.pyc", True),
        ("functions/inference/rehearsal/tree.py", True),
        ("functions/inference/README.md", True),
        ("functions/realstaging_api/app.py", True),
        ("layers/core/python/vitrine/contracts/message.py", False),
        ("layers/core/python/vitrine/pictures/decoding.py", False),
        ("layers/core/python/vitrine/kernel/errors.py", True),
        (".vitrine/state.json", True),
    ],
)
def test_the_image_carries_the_app_and_the_contracts_and_nothing_else(path: str, left_out: bool) -> None:
    assert ignored(path, (IMAGE / "Dockerfile.dockerignore").read_text().splitlines()) is left_out


def test_copy_keeps_names_folders_and_what_is_not_ignored(tmp_path: Path) -> None:
    context = tmp_path / "context"
    for name in ("a.txt", "folder/b.txt", "folder/deep/c.txt", "folder/__pycache__/d.pyc"):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(name)
    tree = Tree(tmp_path / "root", context, mirror="", ignore=["**/__pycache__"])
    copies = "COPY a.txt /one/renamed.txt\nCOPY a.txt folder/b.txt /two/\nCOPY folder /three\nWORKDIR /four"
    for _ in tree.build(parse(copies)):
        pass
    found = sorted(str(path.relative_to(tree.root)) for path in tree.root.rglob("*") if path.is_file())
    assert found == ["one/renamed.txt", "three/b.txt", "three/deep/c.txt", "two/a.txt", "two/b.txt"]
    assert tree.directory == "/four"


def test_an_instruction_that_is_not_known_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="ONBUILD"):
        list(Tree(tmp_path, tmp_path, mirror="").build(parse("ONBUILD RUN true")))
