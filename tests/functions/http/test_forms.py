"""Multipart forms."""

import base64
from typing import Any

import pytest

from tests.support.logs import Logs
from tests.support.requests import Reply, form
from tests.support.toy import SECRET, Toy

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
    toy.change_surface(max_form_body=1_000_000)
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
