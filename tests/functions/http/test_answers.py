"""Errors and answers: in the surface's shape, and nothing in them or in logs that should not be."""

import json

import pytest
from aws_lambda_powertools.event_handler import Response

from tests.support.logs import Logs
from tests.support.requests import CONTEXT, event
from tests.support.toy import DECLARED, SECRET, Toy
from vitrine.kernel.http.request import pause


def test_a_problem_has_the_shape_of_rfc_9457(toy: Toy) -> None:
    reply = toy.send(body={})
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["status"] == reply.status == 422
    assert problem["request_id"] == reply.headers["x-request-id"] == "req-1"
    assert problem["errors"] == [{"field": "body.name", "kind": "missing", "message": "Field required"}]


def test_a_crash_says_nothing_about_itself(toy: Toy, logs: Logs) -> None:
    def crash() -> None:
        raise RuntimeError(f"could not write {SECRET}")

    toy.before_work = crash
    reply = toy.send(body={"name": SECRET})
    assert reply.status == 500
    assert SECRET not in reply.text
    log = logs.read()
    assert "RuntimeError" in log
    assert {json.loads(line)["request_id"] for line in log.splitlines() if "level" in json.loads(line)} == {"req-1"}
    assert SECRET not in log


def test_logs_carry_neither_tokens_nor_bodies(toy: Toy, logs: Logs) -> None:
    toy.send(token="token-" + SECRET[:10], body={"name": SECRET})
    toy.send(token=SECRET)
    log = logs.read()
    assert '"outcome":"success"' in log
    assert '"outcome":"unauthenticated"' in log
    assert SECRET not in log


def test_an_answer_without_content_has_none(toy: Toy) -> None:
    toy.api.delete("/things", status_code=204, **DECLARED)(lambda: None)
    reply = toy.send("DELETE")
    assert (reply.status, reply.text) == (204, "")
    assert "content-type" not in reply.headers


def test_an_answer_that_says_nothing_has_an_empty_body_and_not_none(toy: Toy) -> None:
    toy.api.get("/elsewhere", **DECLARED)(lambda: Response(307, headers={"Location": "https://there.example/"}))
    sent = event("GET", "/elsewhere", token="token-a")
    assert toy.api.handler(sent, CONTEXT)["body"] == ""


def test_no_answer_behind_a_guard_is_stored_on_its_way_unless_the_route_says_so(toy: Toy) -> None:
    replies = [toy.send(), toy.once(), toy.once(), toy.send(token=None), toy.send("GET", "/plain")]
    assert {reply.headers["cache-control"] for reply in replies} == {"no-store"}
    toy.api.get("/kept", **DECLARED)(lambda: Response(200, headers={"Cache-Control": "private, max-age=9"}))
    assert toy.send("GET", "/kept").headers["cache-control"] == "private, max-age=9"


def test_the_log_and_the_metric_name_the_route_and_not_what_was_asked_for(toy: Toy, logs: Logs) -> None:
    toy.send("PATCH", f"/things/{SECRET}", body={})
    line, metric, latency = (json.loads(line) for line in logs.read().splitlines())
    assert (line["route"], line["status"], line["outcome"]) == ("PATCH /things/{id}", 200, "success")
    assert metric["route"] == "PATCH /things/{id}"
    (declared,) = metric["_aws"]["CloudWatchMetrics"]
    assert declared["Dimensions"] == [["surface", "outcome"]], "a dimension costs $0.30 a month for each value"
    assert latency["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["surface"]]
    assert latency["Latency"] == pytest.approx([line["duration_ms"]], abs=0.1)


def test_the_line_of_a_request_that_made_something_names_it_and_that_of_a_redirect_no_link(
    toy: Toy, logs: Logs
) -> None:
    def make() -> Response[str]:
        return Response(201, body="{}", headers={"Location": "/things/thing_a"})

    toy.api.post("/made", status_code=201, **DECLARED)(make)
    toy.api.get("/elsewhere", **DECLARED)(lambda: Response(307, headers={"Location": f"https://s3.example/?{SECRET}"}))
    toy.send("POST", "/made")
    toy.send("GET", "/elsewhere")
    lines = [json.loads(line) for line in logs.read().splitlines()]
    assert [line.get("made") for line in lines if line.get("message") == "request"] == ["/things/thing_a", None]


def test_what_a_client_asked_to_wait_for_is_not_counted_as_our_time(
    toy: Toy, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    toy.api.get("/later", **DECLARED)(lambda: pause(8.0))
    toy.send("GET", "/later")
    latency = json.loads(logs.read().splitlines()[-1])
    assert latency["Latency"] == [0.0], "the pause took no time here, and is taken off"
