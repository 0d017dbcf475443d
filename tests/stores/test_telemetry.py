"""Many writes of which each is made once: telemetry, 100 to a request, whatever is known or busy."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.captures import SESSION, TENANT, calling
from tests.support.clock import NOW
from vitrine.capture.telemetry import rules, store
from vitrine.capture.telemetry.models import CaptureEvent, NewEvent
from vitrine.kernel import tables
from vitrine.kernel.errors import Unavailable

Fail = Callable[[int, str], None]


def event(number: int, **said: Any) -> CaptureEvent:
    new = NewEvent.model_validate(
        {"entity_type": "session", "entity_id": SESSION, "type": "published", "event_id": f"e{number}", **said}
    )
    return rules.taken(new, TENANT, calling().principal.actor, "spare", NOW, number, None)


def kept() -> list[str]:
    return [each.event_id for each in store.listed(TENANT, SESSION, 500, None)[0]]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """The next so many transactions are cancelled for this reason, though every condition holds."""
    left: list[Any] = [0, ""]
    real = tables._try

    def fake(writes: Any) -> Any:
        if not left[0]:
            return real(writes)
        left[0] -= 1
        return SimpleNamespace(cancellation_reasons=[SimpleNamespace(code=left[1])] + [None] * (len(writes) - 1))

    monkeypatch.setattr(tables, "_try", fake)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return lambda times, why: left.__setitem__(slice(None), [times, why])


def test_250_new_events_are_three_requests() -> None:
    before = tables.round_trips()
    assert store.insert_each([event(number) for number in range(250)]) == set()
    assert tables.round_trips() - before == 3
    assert kept() == [f"e{number}" for number in range(250)]


def test_those_that_are_known_are_named_and_stay_as_they_were() -> None:
    store.insert_each([event(number, message="first") for number in (3, 120)])
    again = [event(number, message="again") for number in range(150)]
    assert store.insert_each(again) == {3, 120}
    found = store.listed(TENANT, SESSION, 500, None)[0]
    assert {each.message for each in found if each.event_id in ("e3", "e120")} == {"first"}
    assert len(found) == 150


def test_what_is_busy_a_few_times_is_made(fail: Fail) -> None:
    fail(5, "TransactionConflict")
    assert store.insert_each([event(1)]) == set()
    assert kept() == ["e1"]


def test_what_is_busy_every_time_is_503(fail: Fail) -> None:
    fail(1_000, "TransactionConflict")
    with pytest.raises(Unavailable):
        store.insert_each([event(1)])
    fail(0, "")
    assert kept() == []
