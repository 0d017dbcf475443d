"""What a function would have written to CloudWatch: structured logs and metrics."""

import io

import pytest

from vitrine.kernel.observability import logger


class Logs:
    def __init__(self, lines: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
        self._lines = lines
        self._capsys = capsys

    def read(self) -> str:
        """Everything written so far: log lines first, then metrics and other prints."""
        return self._lines.getvalue() + self._capsys.readouterr().out


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Logs:
    lines = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)
    return Logs(lines, capsys)
