"""Versions of what was read, HEAD, where what was made is found, and paths that nobody knows."""

from datetime import timedelta

import pytest

from tests.support.requests import UNKNOWN, Reply, event
from tests.support.toy import SURFACE, Toy
from vitrine.assets.rules import URL_LIFETIME
from vitrine.kernel.conditional import LINKS_S


def read(toy: Toy, path: str = "/things/1", tag: str | None = None, method: str = "GET") -> Reply:
    return toy.send(method, path, headers={"if-none-match": tag} if tag else {})


def test_who_has_the_present_version_is_not_sent_it_again(toy: Toy) -> None:
    tag = read(toy).headers["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = read(toy, tag=known)
        assert (again.status, again.text, again.headers["etag"]) == (304, "", tag)
        assert "content-type" not in again.headers
    assert read(toy, tag='"other"').status == 200
    assert read(toy, "/things/2", tag=tag).status == 200


def test_links_that_are_signed_anew_are_no_new_version_until_they_are_about_to_run_out(toy: Toy) -> None:
    first = read(toy, "/links")
    toy.signature = "b2"
    assert read(toy, "/links", first.headers["etag"]).status == 304
    toy.now += timedelta(seconds=LINKS_S)
    assert read(toy, "/links", first.headers["etag"]).status == 200
    assert first.headers["etag"].startswith('W/"')


def test_the_links_of_an_answer_that_is_still_current_hold_for_minutes() -> None:
    assert timedelta(minutes=5) <= URL_LIFETIME - timedelta(seconds=LINKS_S)


def test_an_answer_that_is_no_success_and_one_to_another_method_have_no_version(toy: Toy) -> None:
    assert "etag" not in read(toy, "/broken").headers
    assert "etag" not in toy.send().headers
    assert toy.send("GET", token=None, path="/things/1", headers={"if-none-match": "*"}).status == 401


def test_head_is_get_without_the_body(toy: Toy) -> None:
    get, head = read(toy), read(toy, method="HEAD")
    assert (head.status, head.text) == (200, "")
    assert head.headers["etag"] == get.headers["etag"]
    assert head.headers["content-type"] == get.headers["content-type"]
    assert toy.send("HEAD", "/things/1", token=None).text == ""
    assert toy.send("HEAD", "/things/1", token=None).status == 401


def test_where_nothing_is_read_there_is_no_head(toy: Toy) -> None:
    refused = toy.send("HEAD", "/work")
    assert (refused.status, refused.headers["allow"]) == (405, "POST")
    assert toy.send("DELETE", "/things/1").headers["allow"] == "GET, HEAD, PATCH, PUT"


def test_a_location_is_the_first_get_that_an_answer_leads_to_for_a_replay_too(toy: Toy) -> None:
    first, second = toy.once(path="/led/a", body=None), toy.once(path="/led/a", body=None)
    assert first.headers["location"] == second.headers["location"] == "/things/a-made"
    assert "location" not in toy.send().headers


def test_a_location_has_the_path_under_which_an_emulator_serves_the_api(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/")
    found = toy.send(path="/led/a", body=None).headers["location"]
    assert found == "/_aws/execute-api/abc/$default/things/a-made"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_a_path_that_nobody_knows_is_answered_in_the_surfaces_shape_before_anything_is_read(
    toy: Toy, method: str
) -> None:
    sent = event(method, "/nowhere", body="{", token=None, template=UNKNOWN)
    answer = toy.api.handler(sent, None)  # type: ignore[arg-type]
    assert answer["statusCode"] == 404
    assert answer["headers"]["Content-Type"] == SURFACE.errors.content_type
    assert ("There is no such path." in answer["body"]) == (method != "HEAD")


def test_null_says_nothing_unless_the_field_takes_it(toy: Toy) -> None:
    sent = {"name": None, "count": None, "details": [{"size": None, "note": None}, {"size": 1}]}
    taken = toy.send("PUT", "/things/1", body=sent).json()
    assert taken == {"name": None, "details": [{"note": None}, {"size": 1}]}


def test_null_for_what_has_to_be_said_is_a_mistake(toy: Toy) -> None:
    assert toy.send(body={"name": None}).status == 422
    assert toy.send("PUT", "/things/1", body={"details": None, "count": "x"}).status == 422
