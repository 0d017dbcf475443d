"""What a run of tests makes once, whoever asks first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.once import once

ASK = """
import sys, time
from pathlib import Path
from tests.support.once import once

def make(folder):
    with Path(sys.argv[1]).open("a") as made:
        made.write("made ")
    time.sleep(0.2)
    (folder / "it").write_text("whole")

print((once("things/one", make) / "it").read_text())
"""


def test_processes_that_ask_at_the_same_time_make_it_once_and_all_find_it_whole(tmp_path: Path) -> None:
    environment = {**os.environ, "VITRINE_TEST_RUN": str(tmp_path / "run")}
    asking = [
        subprocess.Popen([sys.executable, "-c", ASK, str(tmp_path / "made")], env=environment, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert [process.communicate()[0].strip() for process in asking] == [b"whole"] * 4
    assert (tmp_path / "made").read_text() == "made "


def test_what_failed_to_be_made_is_made_by_the_next_who_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_TEST_RUN", str(tmp_path))

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("half made")

    with pytest.raises(OSError, match="half made"):
        once("one", fail)
    assert list(once("one", lambda folder: (folder / "it").touch()).iterdir()) == [tmp_path / "one" / "it"]
