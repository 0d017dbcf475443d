"""Webhooks through stagecraft's handler; AWS is moto, and Step Functions takes every execution."""

from typing import Any

import pytest

from functions.stagecraft_api import webhooks
from tests.support.agency import Agency, code
from vitrine.kernel import clients

WISH = {"url": "https://hooks.example.com/", "events": ["staging.completed"]}


class States:
    def start_execution(self, **_: Any) -> None:
        """Taken."""


@pytest.fixture(autouse=True)
def states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "states", States)


@pytest.mark.usefixtures("held_clock")
def test_tests_and_resends_are_limited_together_for_each_account() -> None:
    ann, bob = Agency.open(), Agency.open()
    paths = {each: f"/api/webhooks/{each.post(webhooks, '/api/webhooks', WISH).json()['id']}" for each in (ann, bob)}
    test = ann.post(webhooks, f"{paths[ann]}/test", None)
    assert test.status == 202
    resend = f"{paths[ann]}/deliveries/{test.json()['id']}/resend"
    assert [ann.post(webhooks, resend, None).status for _ in range(59)] == [202] * 59
    for path in (resend, f"{paths[ann]}/test"):
        refused = ann.post(webhooks, path, None)
        assert code(refused) == (429, "RATE_LIMIT_EXCEEDED")
        assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert bob.post(webhooks, f"{paths[bob]}/test", None).status == 202
