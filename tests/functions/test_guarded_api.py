"""What every route of every surface shares, on a surface of one toy Lambda."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, Field

from tests.support.builders import NOW
from tests.support.logs import Logs
from tests.support.requests import Reply, send
from vitrine.kernel import tables
from vitrine.kernel.environment import GuardTable
from vitrine.kernel.errors import Conflict, PaymentRequired, Unauthenticated
from vitrine.kernel.http import Api, Caller, Guard
from vitrine.kernel.idempotency import RUNNING_FOR, Idempotency
from vitrine.kernel.limits import Limit, RateLimiter
from vitrine.kernel.principal import Principal

SECRET = "hunter2-secret-body"  # planted, to be found nowhere


class Wish(BaseModel):
    name: str = Field(max_length=40)


class Made(BaseModel):
    id: str
    name: str


class Toy:
    """A surface with one thing to make, whose work can be told to crash or to refuse."""

    def __init__(self) -> None:
        self.now = NOW
        self.made: list[str] = []
        self.before_work: Callable[[], Any] = lambda: None
        self.after_work: Callable[[], Any] = lambda: None
        guard = Guard(
            authenticate=self.authenticate,
            limiter=RateLimiter(GuardTable.load()),
            limit=Limit("minute", 8, 60),
            idempotency=Idempotency(GuardTable.load()),
            repeatable=frozenset({"POST /passing"}),
        )
        self.api = Api("toy", guard=guard, max_body=500, clock=lambda: self.now)
        self.api.routes.post("/things", status_code=201)(self.make)
        self.api.routes.post("/passing", status_code=201)(self.make)
        self.api.routes.get("/broken")(self.broken)
        self.api.routes.get("/plain")(self.plain)

    def authenticate(self, token: str, now: datetime) -> Principal:
        if not token.startswith("token-"):
            raise Unauthenticated("This token is not valid here.")
        return Principal(f"ten_{token.removeprefix('token-')}", "usr")

    def make(self, body: Wish, caller: Caller) -> Made:
        self.before_work()
        thing = caller.ids.new("thing")
        self.made.append(thing)
        self.after_work()
        return Made(id=thing, name=body.name)

    def broken(self) -> Made:
        return {"id": 1}  # type: ignore[return-value]

    def plain(self) -> Response[str]:
        return Response(status_code=200, body="ok", content_type="text/plain")

    def send(self, method: str = "POST", path: str = "/things", **kwargs: Any) -> Reply:
        kwargs.setdefault("token", "token-a")
        if method == "POST":
            kwargs.setdefault("body", {"name": "n"})
        return send(self.api.handler, method, path, **kwargs)

    def once(self, key: str = "k", **kwargs: Any) -> Reply:
        return self.send(headers={"Idempotency-Key": key}, **kwargs)


@pytest.fixture
def toy() -> Toy:
    return Toy()


def test_a_stranger_learns_nothing_from_a_bad_body(toy: Toy) -> None:
    assert toy.send(token=None, body={"wrong": 1}).status == 401
    assert toy.send(token="forged", body="{").status == 401


def test_a_problem_has_the_shape_of_rfc_9457(toy: Toy) -> None:
    reply = toy.send(body={})
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["status"] == reply.status == 422
    assert problem["request_id"] == reply.headers["x-request-id"] == "req-1"
    assert problem["errors"] == [{"field": "body.name", "kind": "missing", "message": "Field required"}]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param({"body": "{"}, 400, id="not JSON"),
        pytest.param({"body": {"name": "n" * 41}}, 422, id="too long a name"),
        pytest.param({"body": "[]"}, 422, id="a list"),
        pytest.param({"body": "[" * 400}, 400, id="nested, and cut off"),
        pytest.param({"body": "1" * 450}, 422, id="a number"),
        pytest.param({"body": "!", "raw": True}, 400, id="not base64"),
        pytest.param({"body": "/w==", "raw": True}, 400, id="not text"),
        pytest.param({"body": "x", "headers": {"content-type": "text/csv"}}, 415, id="not JSON's type"),
        pytest.param(
            {"body": "name=n", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 415, id="form"
        ),
        pytest.param(
            {"body": "x", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 415, id="multipart"
        ),
        pytest.param({"body": {"name": "n" * 600}}, 413, id="too large"),
        pytest.param({"method": "GET", "path": "/nowhere"}, 404, id="no such route"),
        pytest.param({"method": "GET", "path": "/broken"}, 500, id="our own invalid answer"),
        pytest.param({"headers": {"Idempotency-Key": "x" * 256}}, 400, id="too long a key"),
        pytest.param({"headers": {"Idempotency-Key": ""}}, 400, id="an empty key"),
    ],
)
def test_bad_input_gets_a_clear_problem(toy: Toy, request_: dict[str, Any], status: int) -> None:
    reply = toy.send(**request_)
    assert reply.status == reply.json()["status"] == status
    assert toy.made == []


def test_a_crash_says_nothing_about_itself(toy: Toy, logs: Logs) -> None:
    def crash() -> None:
        raise RuntimeError(f"could not write {SECRET}")

    toy.before_work = crash
    reply = toy.send(body={"name": SECRET})
    assert reply.status == 500
    assert SECRET not in reply.text
    log = logs.read()
    assert "RuntimeError" in log
    assert SECRET not in log


def test_logs_carry_neither_tokens_nor_bodies(toy: Toy, logs: Logs) -> None:
    toy.send(token="token-" + SECRET[:10], body={"name": SECRET})
    toy.send(token=SECRET)
    log = logs.read()
    assert '"outcome":"success"' in log
    assert '"outcome":"unauthenticated"' in log
    assert SECRET not in log


def test_the_same_key_does_the_work_once_and_replays_its_answer(toy: Toy) -> None:
    first, second = toy.once(), toy.once()
    assert (first.status, first.text) == (second.status, second.text)
    assert second.headers["idempotent-replayed"] == "true"
    assert len(toy.made) == 1


def test_an_answer_that_expires_is_made_again_with_the_same_ids(toy: Toy) -> None:
    first, second = toy.once(path="/passing"), toy.once(path="/passing")
    assert first.json()["id"] == second.json()["id"]
    assert len(toy.made) == 2
    assert toy.once(path="/passing", body={"name": "other"}).status == 422


def test_keys_of_different_tenants_do_not_meet(toy: Toy) -> None:
    assert toy.once().text != toy.once(token="token-b").text


def test_the_same_key_with_another_body_is_refused(toy: Toy) -> None:
    toy.once()
    assert toy.once(body={"name": "other"}).status == 422
    assert len(toy.made) == 1


def test_a_first_try_that_still_runs_is_a_conflict(toy: Toy) -> None:
    replies: list[Reply] = []

    def meanwhile() -> None:
        toy.before_work = lambda: None
        replies.append(toy.once())

    toy.before_work = meanwhile
    assert toy.once().status == 201
    assert [reply.status for reply in replies] == [409]
    assert replies[0].json()["code"] == "in_progress"


def test_a_try_that_died_is_taken_over_with_the_same_ids(toy: Toy) -> None:
    def die() -> None:
        toy.after_work = lambda: None
        raise KeyboardInterrupt

    toy.after_work = die
    with pytest.raises(KeyboardInterrupt):
        toy.once()
    assert toy.once().status == 201
    assert toy.made[0] == toy.made[1]


def test_a_claim_whose_process_vanished_runs_out(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Idempotency, "complete", lambda *_: None)
    toy.once()
    assert toy.once().status == 409
    toy.now += RUNNING_FOR + timedelta(seconds=1)
    assert toy.once().status == 201
    assert toy.made[0] == toy.made[1]


def test_after_24_hours_the_key_is_new(toy: Toy) -> None:
    toy.once()
    toy.now += timedelta(hours=24, seconds=1)
    toy.once(body={"name": "other"})
    assert len(set(toy.made)) == 2


@pytest.mark.parametrize("refusal", [PaymentRequired("no credits"), Conflict("not now")])
def test_a_refused_request_leaves_its_key_free(toy: Toy, refusal: Exception) -> None:
    def refuse() -> None:
        toy.before_work = lambda: None
        raise refusal

    toy.before_work = refuse
    assert toy.once().status in (402, 409)
    assert toy.once(body={"name": "corrected"}).status == 201


def test_a_bodys_encoding_does_not_matter(toy: Toy) -> None:
    assert toy.send(encode=True).status == 201


def test_the_spelling_of_the_content_type_does_not_matter(toy: Toy) -> None:
    assert toy.send(headers={"content-type": "Application/JSON; charset=utf-8"}).status == 201


@pytest.mark.parametrize("body", ["[" * 200_000, '{"name": ' + "1" * 6000 + "}"])
def test_what_our_parser_cannot_read_is_the_clients_mistake(toy: Toy, body: str) -> None:
    toy.api._max_body = 1_000_000
    assert toy.send(body=body).status == 400


def test_an_answer_without_content_has_none(toy: Toy) -> None:
    toy.api.routes.delete("/things", status_code=204)(lambda: None)
    reply = toy.send("DELETE")
    assert (reply.status, reply.text) == (204, "")
    assert "content-type" not in reply.headers


def test_the_limit_counts_down_and_then_says_when_to_come_back(toy: Toy) -> None:
    replies = [toy.send() for _ in range(10)]
    assert [reply.status for reply in replies] == [201] * 8 + [429] * 2
    assert replies[0].headers["ratelimit"] == '"minute";r=7;t=60'
    assert replies[-1].headers["retry-after"] == "60"
    toy.now += timedelta(seconds=60)
    assert toy.send().status == 201


def test_one_tenants_limit_is_not_anothers(toy: Toy) -> None:
    for _ in range(9):
        toy.send()
    assert toy.send(token="token-b").status == 201


def test_what_all_routes_share_costs_one_round_trip_and_two_more_with_a_key(toy: Toy) -> None:
    toy.send()
    before = tables.round_trips()
    toy.send()
    plain = tables.round_trips() - before
    toy.once("another key")
    assert (plain, tables.round_trips() - before - plain) == (1, 3)
