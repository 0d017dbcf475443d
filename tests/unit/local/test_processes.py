import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from infra.errors import CommandError
from infra.local import processes
from infra.local.processes import Program
from infra.local.workspace import Workspace
from tests.support.patience import PATIENCE_S, until

SLEEP = "import time; print('awake', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
START_ANOTHER = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEP!r}]).pid, flush=True)"
PARENT = f"{START_ANOTHER}; {SLEEP}"


def program(workspace: Workspace, source: str, name: str = "part") -> Program:
    return Program(name, (sys.executable, "-c", source), {"PATH": os.defpath}, workspace.root)


def output(workspace: Workspace) -> str:
    return processes.tail(processes.log_file(workspace, "part"), 5)


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_started_part_is_found_by_its_name(workspace: Workspace) -> None:
    pid = processes.start(workspace, program(workspace, SLEEP))

    assert processes.pid_of(workspace, "part") == pid


def test_starting_what_runs_starts_nothing(workspace: Workspace) -> None:
    first = processes.start(workspace, program(workspace, SLEEP))

    assert processes.start(workspace, program(workspace, SLEEP)) == first


def test_a_part_whose_sources_have_changed_is_started_again(workspace: Workspace) -> None:
    source = workspace.root / "engine.py"
    source.write_text("a = 1")
    part = replace(program(workspace, SLEEP), sources=("engine.py",))
    first = processes.start(workspace, part)

    source.write_text("a = 2")

    second = processes.start(workspace, part)
    assert second != first
    assert not exists(first)
    assert processes.start(workspace, part) == second


def test_a_part_is_found_by_a_later_command(workspace: Workspace) -> None:
    pid = processes.start(workspace, program(workspace, SLEEP))
    code = (
        "import sys, pathlib; from infra.local.workspace import Workspace; from infra.local import processes;"
        "print(processes.pid_of(Workspace(root=pathlib.Path(sys.argv[1])), 'part'))"
    )

    answer = subprocess.run([sys.executable, "-c", code, workspace.root], capture_output=True, text=True, check=True)

    assert int(answer.stdout) == pid


def test_what_never_ran_does_not_run(workspace: Workspace) -> None:
    assert processes.pid_of(workspace, "part") is None
    assert not processes.stop(workspace, "part")


def test_a_pid_file_left_behind_is_not_taken_for_the_program_that_has_the_pid_now(workspace: Workspace) -> None:
    (workspace.processes / "part.pid").write_text(str(os.getpid()))

    assert processes.pid_of(workspace, "part") is None
    assert not processes.stop(workspace, "part")


def test_a_part_that_was_killed_is_started_again(workspace: Workspace) -> None:
    first = processes.start(workspace, program(workspace, SLEEP))
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)

    assert processes.pid_of(workspace, "part") is None
    assert processes.start(workspace, program(workspace, SLEEP)) != first


def test_a_stopped_part_is_gone(workspace: Workspace) -> None:
    pid = processes.start(workspace, program(workspace, SLEEP))

    assert processes.stop(workspace, "part")
    assert processes.pid_of(workspace, "part") is None
    assert not exists(pid)


def test_a_part_that_ignores_the_request_to_end_is_killed(workspace: Workspace) -> None:
    pid = processes.start(workspace, program(workspace, STUBBORN))
    until(lambda: "awake" in output(workspace))

    processes.stop(workspace, "part", grace_s=0.2)

    assert not exists(pid)


def test_what_a_part_started_ends_with_it(workspace: Workspace) -> None:
    processes.start(workspace, program(workspace, PARENT))
    until(lambda: output(workspace).split("\n")[0].isdigit())
    grandchild = int(output(workspace).split("\n")[0])

    processes.stop(workspace, "part")

    # Its new parent reaps it; a container without an init may leave a zombie, which holds nothing.
    until(lambda: not exists(grandchild) or _is_zombie(grandchild))


def test_waiting_for_a_part_that_dies_ends_at_once_with_what_it_said(workspace: Workspace) -> None:
    processes.start(workspace, program(workspace, "print('no disk left'); raise SystemExit(3)"))
    began = time.monotonic()

    with pytest.raises(CommandError, match="ended while it was starting") as failed:
        processes.wait_until(lambda: False, workspace, "part", within_s=PATIENCE_S)

    assert "no disk left" in failed.value.detail
    assert time.monotonic() - began < PATIENCE_S


def test_waiting_has_a_deadline(workspace: Workspace) -> None:
    processes.start(workspace, program(workspace, SLEEP))

    with pytest.raises(CommandError, match="did not answer within"):
        processes.wait_until(lambda: False, workspace, "part", within_s=0.2)


def _is_zombie(pid: int) -> bool:
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.startswith("Z")
