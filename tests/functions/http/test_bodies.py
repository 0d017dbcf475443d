"""Bodies in JSON: what is taken, and how the rest is refused."""

from typing import Any

import pytest

from tests.support.toy import Toy


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


def test_a_bodys_encoding_does_not_matter(toy: Toy) -> None:
    assert toy.send(encode=True).status == 201


def test_the_spelling_of_the_content_type_does_not_matter(toy: Toy) -> None:
    assert toy.send(headers={"content-type": "Application/JSON; charset=utf-8"}).status == 201


@pytest.mark.parametrize("body", ["[" * 200_000, '{"name": ' + "1" * 6000 + "}"])
def test_what_our_parser_cannot_read_is_the_clients_mistake(toy: Toy, body: str) -> None:
    toy.change_surface(max_json_body=1_000_000)
    assert toy.send(body=body).status == 400


@pytest.mark.parametrize("body", ["[]", '["name"]', '"name"', "7", "true", "null"])
def test_a_body_of_another_json_type_than_an_object_is_refused_even_where_nothing_is_required(
    toy: Toy, body: str
) -> None:
    reply = toy.send("PATCH", "/things/thing_1", body=body)
    assert reply.status == 422
    assert reply.json()["errors"] == [{"field": "body", "kind": "object_type", "message": "Send a JSON object."}]
