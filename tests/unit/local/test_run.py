import io
import sys
from pathlib import Path

from infra.local.run import Ended, run


def ran(source: str, folder: Path, limit_s: float = 30.0) -> tuple[Ended, str, list[str]]:
    log, lines = io.StringIO(), list[str]()
    ended = run((sys.executable, "-c", source), folder, {}, log, limit_s, lines.append)
    return ended, log.getvalue(), lines


def test_what_a_program_says_is_logged_and_its_exit_code_kept(tmp_path: Path) -> None:
    ended, log, lines = ran("print('no such stack'); raise SystemExit(1)", tmp_path)

    assert (ended.code, ended.last, log, lines) == (1, "no such stack", "no such stack\n", ["no such stack\n"])


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    ended, _, _ = ran("import time; print('waiting', flush=True); time.sleep(60)", tmp_path, limit_s=0.3)

    assert ended.code < 0
