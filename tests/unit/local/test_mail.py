"""`vitrine mail` shows what the emulator's SES took."""

import io
import json
import urllib.request
from pathlib import Path

import pytest

from infra import cli
from infra.local import emulator

TAKEN = {
    "Source": "vitrine@mail.example",
    "To": ["ann@agency.example"],
    "Subject": "Your staging failed",
    "BodyText": "Why: too dark.\n",
    "Timestamp": 1764331200.0,
}


def answer(monkeypatch: pytest.MonkeyPatch, *messages: object) -> None:
    body = json.dumps({"messages": {emulator.ACCOUNT: messages} if messages else {}}).encode()
    monkeypatch.setattr(emulator, "is_ready", lambda port: True)
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: io.BytesIO(body))


def test_mail_is_shown_with_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, TAKEN)
    assert cli.main(["mail", "--state", str(tmp_path)]) == 0
    assert "to ann@agency.example\nSubject: Your staging failed\n\nWhy: too dark." in capsys.readouterr().out
    cli.main(["mail", "--json", "--state", str(tmp_path)])
    (mail,) = json.loads(capsys.readouterr().out)
    assert (mail["to"], mail["subject"]) == (["ann@agency.example"], "Your staging failed")


def test_it_says_when_there_is_none_and_when_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch)
    assert cli.main(["mail", "--state", str(tmp_path)]) == 0
    assert "No mail was sent yet." in capsys.readouterr().out
    monkeypatch.setattr(emulator, "is_ready", lambda port: False)
    assert cli.main(["mail", "--state", str(tmp_path)]) == 1
    assert "vitrine up" in capsys.readouterr().err
