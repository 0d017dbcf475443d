"""What every route of every surface shares, on a surface of one toy Lambda."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, UploadFile
from pydantic import BaseModel, Field

from tests.support.clock import NOW
from tests.support.logs import Logs
from tests.support.requests import Reply, form, send
from vitrine.kernel import tables
from vitrine.kernel.environment import GuardTable
from vitrine.kernel.errors import Conflict, PaymentRequired, Unauthenticated, Unavailable
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


class Picture(BaseModel):
    """What the form of the toy's pictures holds; as JSON, the image is the key of an upload."""

    image: UploadFile | str
    others: list[UploadFile] = Field(default_factory=list)
    style: str = Field(max_length=10)


class Taken(BaseModel):
    bytes_: int
    others: list[int]
    style: str
    id: str


class Toy:
    """A surface with one thing to make, whose work can be told to crash or to refuse."""

    def __init__(self) -> None:
        self.now = NOW
        self.made: list[str] = []
        self.closed: set[str] = set()
        self.before_work: Callable[[], Any] = lambda: None
        self.after_work: Callable[[], Any] = lambda: None
        guard = Guard(
            authenticate=self.authenticate,
            limiter=RateLimiter(GuardTable.load()),
            limits=(Limit("minute", 8, 60),),
            idempotency=Idempotency(GuardTable.load()),
            repeatable=frozenset({"POST /passing"}),
            public=frozenset({"GET /open", "POST /open"}),
        )
        self.api = Api(
            "toy",
            guard=guard,
            max_body=500,
            form_routes=frozenset({"POST /pictures"}),
            max_form=5_000,
            presign="POST /presign",
            gate=lambda route, now: self.gate(route, now),
            clock=lambda: self.now,
        )
        self.api.routes.post("/pictures", status_code=201)(self.take)
        self.api.routes.get("/open")(lambda: {"open": True})
        self.api.routes.post("/open")(self.greet)
        self.api.routes.post("/things", status_code=201)(self.make)
        self.api.routes.post("/passing", status_code=201)(self.make)
        self.api.routes.get("/broken")(self.broken)
        self.api.routes.get("/plain")(self.plain)

    def gate(self, route: str, now: datetime) -> None:
        if route in self.closed:
            raise Unavailable("Closed for maintenance.", code="maintenance", retry_after_s=120)

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

    def take(self, body: Annotated[Picture, Body(media_type="multipart/form-data")], caller: Caller) -> Taken:
        self.made.append(caller.ids.new("pic"))
        size = len(body.image) if isinstance(body.image, str) else len(body.image.content)
        others = [len(other.content) for other in body.others]
        return Taken(bytes_=size, others=others, style=body.style, id=self.made[-1])

    def greet(self, body: Wish) -> Made:
        return Made(id="open", name=body.name)

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


PICTURE = b"\xff\xd8\xff" + bytes(range(256)) + b"\r\n--a-bound\r\n--not-the-boundary"


def test_a_forms_fields_and_files_reach_the_route(toy: Toy) -> None:
    reply = toy.send(path="/pictures", **form([("image", PICTURE), ("style", "modern")]))
    assert reply.status == 201, reply.text
    assert (reply.json()["bytes_"], reply.json()["style"]) == (len(PICTURE), "modern")


@pytest.mark.parametrize("names", [("others[]",), ("others[]", "others[]"), ("others", "others")])
def test_names_that_repeat_or_end_in_brackets_are_lists(toy: Toy, names: tuple[str, ...]) -> None:
    others: list[tuple[str, str | bytes]] = [(name, b"12") for name in names]
    reply = toy.send(path="/pictures", **form([("image", PICTURE), *others, ("style", "modern")]))
    assert reply.json()["others"] == [2] * len(names)


def test_a_route_of_forms_takes_json_too(toy: Toy) -> None:
    reply = toy.send(path="/pictures", body={"image": "uploads/key", "style": "modern"})
    assert (reply.status, reply.json()["bytes_"]) == (201, len("uploads/key"))


def cut(whole: dict[str, Any], last: int) -> dict[str, Any]:
    """The form without the last bytes of its body."""
    return {**whole, "body": base64.b64encode(base64.b64decode(whole["body"])[:-last]).decode()}


def headed(whole: dict[str, Any], content_type: str) -> dict[str, Any]:
    return {**whole, "headers": {"content-type": content_type}}


WHOLE = form([("image", PICTURE), ("style", "modern")])


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(cut(WHOLE, 60), 400, id="cut off in a part"),
        pytest.param(cut(WHOLE, 6), 400, id="without an end"),
        pytest.param({**WHOLE, "body": ""}, 400, id="empty"),
        pytest.param({**WHOLE, "body": "!"}, 400, id="not base64"),
        pytest.param(headed(WHOLE, "multipart/form-data"), 400, id="without a boundary"),
        pytest.param(headed(WHOLE, "multipart/form-data; boundary=other"), 400, id="of another boundary"),
        pytest.param(headed(WHOLE, "application/x-www-form-urlencoded"), 415, id="of another type"),
        pytest.param(form([("style", "modern")]), 422, id="without the image"),
        pytest.param(form([("image", PICTURE), ("style", "x" * 11)]), 422, id="with a bad field"),
        pytest.param(form([("image", PICTURE), ("style", b"a file")]), 422, id="with a file for a text"),
        pytest.param(form([("image", bytes(5_000)), ("style", "modern")]), 413, id="too large"),
        pytest.param(form([(f"field{number}", "") for number in range(70)]), 422, id="with fields nobody asked for"),
    ],
)
def test_a_bad_form_gets_a_clear_problem(toy: Toy, sent: dict[str, Any], status: int) -> None:
    reply = toy.send(path="/pictures", **sent)
    assert reply.status == reply.json()["status"] == status, reply.text
    assert toy.made == []


def test_a_form_of_thousands_of_parts_is_refused(toy: Toy) -> None:
    toy.api._max_form = 1_000_000
    reply = toy.send(path="/pictures", **form([("others", b"")] * 601))
    assert reply.status == 400


def test_a_form_too_large_is_told_apart_from_json_too_large(toy: Toy) -> None:
    large = toy.send(path="/pictures", **form([("image", bytes(5_000))]))
    assert large.json()["code"] == "form_too_large"
    assert "presigned upload (POST /presign)" in large.json()["detail"]
    assert toy.send(path="/pictures", body={"image": "k" * 600, "style": ""}).json()["code"] == "too_large"


def test_a_strangers_form_is_not_read(toy: Toy) -> None:
    assert toy.send(path="/pictures", token="forged", **cut(WHOLE, 60)).status == 401


def test_a_repeated_form_counts_as_the_same_whatever_its_boundary(toy: Toy) -> None:
    fields: list[tuple[str, str | bytes]] = [("image", PICTURE), ("style", "modern")]

    def send_under_key(sent: dict[str, Any]) -> Reply:
        headers = {**sent["headers"], "Idempotency-Key": "k"}
        return toy.send(path="/pictures", **{**sent, "headers": headers})

    first, second = send_under_key(form(fields)), send_under_key(form(fields, boundary="another"))
    assert (first.status, first.text) == (201, second.text)
    assert len(toy.made) == 1
    other = form([("image", PICTURE + b"1"), ("style", "modern")])
    assert send_under_key(other).status == 422


def test_logs_carry_nothing_of_a_form(toy: Toy, logs: Logs) -> None:
    toy.send(path="/pictures", **form([("image", SECRET.encode()), ("style", SECRET[:8])]))
    toy.send(path="/pictures", **form([("image", SECRET), ("style", SECRET)]))
    assert SECRET[:8] not in logs.read()


def test_public_routes_stand_beside_guarded_ones(toy: Toy) -> None:
    assert toy.send("GET", "/open", token=None).json() == {"open": True}
    assert toy.send("GET", "/plain", token=None).status == 401


def test_a_public_route_knows_no_idempotency_key_since_keys_belong_to_a_tenant(toy: Toy) -> None:
    def greet(name: str) -> Reply:
        return toy.send(path="/open", token=None, body={"name": name}, headers={"Idempotency-Key": "k"})

    assert (greet("a").json()["name"], greet("b").json()["name"]) == ("a", "b")


def test_no_answer_behind_a_guard_is_stored_on_its_way_unless_the_route_says_so(toy: Toy) -> None:
    replies = [toy.send(), toy.once(), toy.once(), toy.send(token=None), toy.send("GET", "/plain")]
    assert {reply.headers["cache-control"] for reply in replies} == {"no-store"}
    toy.api.routes.get("/kept")(lambda: Response(200, headers={"Cache-Control": "private, max-age=9"}))
    assert toy.send("GET", "/kept").headers["cache-control"] == "private, max-age=9"


def test_a_closed_gate_turns_away_before_anything_is_asked(toy: Toy) -> None:
    toy.closed = {"POST /things"}
    before = tables.round_trips()
    reply = toy.send(token=None)
    assert (reply.status, reply.json()["code"], reply.headers["retry-after"]) == (503, "maintenance", "120")
    assert tables.round_trips() == before
    assert toy.send("GET", "/plain").status == 200


def test_a_guard_without_limits_counts_nothing(toy: Toy) -> None:
    assert toy.api._guard is not None
    toy.api._guard = replace(toy.api._guard, limits=())
    before = tables.round_trips()
    assert [toy.send().status for _ in range(10)] == [201] * 10
    assert tables.round_trips() == before


@pytest.mark.parametrize(
    "part",
    [
        'form-data; name="style"\r\nContent-Type: text/plain; charset=no-such-charset',
        'form-data; name="style"\r\nContent-Type: text/plain; charset=rot13',
        "form-data",
        "",
    ],
)
def test_an_odd_part_of_a_form_is_the_clients_mistake(toy: Toy, part: str) -> None:
    body = f"--b\r\nContent-Disposition: {part}\r\n\r\nmodern\r\n--b--\r\n"
    reply = toy.send(
        path="/pictures", body=body, encode=True, headers={"content-type": "multipart/form-data; boundary=b"}
    )
    assert reply.status in (400, 422)
