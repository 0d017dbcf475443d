"""Single writes that meet a transaction on their item: sent again, and 503 when they meet one every time."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from tests.support.builders import any_call
from tests.support.clock import NOW
from tests.support.stripe_events import Subscriber
from vitrine.billing.stripe import store as stripe
from vitrine.billing.stripe.models import EventState
from vitrine.kernel import idempotency, limits, tables
from vitrine.kernel.errors import Unavailable
from vitrine.kernel.surface import Limit
from vitrine.staging import service as staging
from vitrine.staging.models import ProjectChange

Meet = Callable[[int], None]


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Meet]:
    """As if the next single writes met a transaction of somebody else's."""
    left = [0]

    def conflict(request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        if not left[0] or event_name.rpartition(".")[2] not in ("PutItem", "UpdateItem", "DeleteItem"):
            return None
        left[0] -= 1
        # moto answers as well, though nobody hears it: it must not write meanwhile.
        request.headers["X-Amz-Target"], request.body = "DynamoDB_20120810.ListTables", b"{}"
        said = {"__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException", "message": "Busy"}
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 400, headers, Raw(json.dumps(said)))

    events: Any = tables.client().meta.events
    events.register_first("before-send.dynamodb", conflict)
    monkeypatch.setattr("time.sleep", lambda _: None)
    yield lambda times: left.__setitem__(0, times)
    events.unregister("before-send.dynamodb", conflict)


class Raw:
    """A body as urllib3 gives it."""

    def __init__(self, text: str) -> None:
        self._left = [text.encode()]

    def stream(self, **_: Any) -> Iterator[bytes]:
        while self._left:
            yield self._left.pop()


def change_a_project() -> None:
    call = any_call()
    project = staging.create_project(call, "Elm Street 4", None)
    assert staging.change_project(call, project.id, ProjectChange(name="Elm Street 5")).name == "Elm Street 5"


def record_an_event() -> None:
    who = Subscriber("ten_contended", "BUSY")
    assert stripe.record(who.envelope("customer_created"), EventState.IGNORED, NOW) is EventState.IGNORED


def take_from_a_limit() -> None:
    assert limits.RateLimiter("guard").take("somebody", Limit("minute", 3, 60), NOW).remaining == 2


def claim_a_key() -> None:
    kept = idempotency.Idempotency("guard")
    claim = kept.claim("scope", "key", "request", NOW, "seed")
    assert isinstance(claim, idempotency.Claim)
    kept.forget(claim)


WRITES = [change_a_project, record_an_event, take_from_a_limit, claim_a_key]


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_meets_transactions_a_few_times_is_made(write: Callable[[], None], meet: Meet) -> None:
    meet(5)
    write()


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_meets_one_every_time_is_503(write: Callable[[], None], meet: Meet) -> None:
    meet(1_000)
    before = tables.round_trips()
    with pytest.raises(Unavailable) as busy:
        write()
    assert busy.value.headers["Retry-After"] == "1"
    assert tables.round_trips() - before <= tables._TRIES + 1
