import io

import pytest

from infra.local.progress import Progress, Silent


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_each_step_is_a_line_when_it_begins_and_ends() -> None:
    stream = io.StringIO()

    with Progress(stream).step("Deploy the stacks") as step:
        step.at(1, 2, "data")

    began, ended = stream.getvalue().splitlines()
    assert began.endswith("Deploy the stacks")
    assert "done" in ended
    assert "\x1b" not in stream.getvalue()


def test_on_a_terminal_a_step_has_a_bar() -> None:
    stream = Terminal()

    with Progress(stream).step("Deploy the stacks") as step:
        step.at(1, 2, "data")
        step.note("almost")

    assert "━" in stream.getvalue()


def test_how_long_a_step_took_is_remembered() -> None:
    progress = Silent()

    with progress.step("Sign in"):
        pass

    assert progress.seconds["Sign in"] >= 0


def test_a_step_that_fails_is_not_shown_as_done() -> None:
    stream = io.StringIO()
    progress = Progress(stream)

    with pytest.raises(RuntimeError), progress.step("Sign in"):
        raise RuntimeError

    assert "done" not in stream.getvalue()
    assert progress.seconds == {}
