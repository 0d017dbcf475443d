"""Multipart forms."""

import base64
import binascii
from typing import Any

import pytest
from aws_lambda_powertools.event_handler.openapi.params import UploadFile

from tests.support.logs import Logs
from tests.support.requests import Reply, form
from tests.support.toy import SECRET, Toy
from vitrine.kernel import forms

PICTURE = b"\xff\xd8\xff" + bytes(range(256)) + b"\r\n--a-bound\r\n--not-the-boundary"


def test_a_forms_fields_and_files_reach_the_route(toy: Toy) -> None:
    reply = toy.send(path="/pictures", **form([("image", PICTURE), ("style", "modern")]))
    assert reply.status == 201, reply.text
    assert (reply.json()["bytes_"], reply.json()["style"]) == (len(PICTURE), "modern")


@pytest.mark.parametrize(
    "names",
    [
        ("others[]",),
        ("others[]", "others[]"),
        ("others", "others"),
        ("others[]", "others[]", "others"),
        ("others", "others[]"),
        ("others[0]", "others[1]"),
    ],
)
def test_names_that_repeat_or_end_in_brackets_are_one_list_however_they_are_spelled(
    toy: Toy, names: tuple[str, ...]
) -> None:
    others: list[tuple[str, str | bytes]] = [(name, b"12") for name in names]
    reply = toy.send(path="/pictures", **form([("image", PICTURE), *others, ("style", "modern")]))
    assert reply.json()["others"] == [2] * len(names)


def test_a_part_that_the_form_has_no_field_for_is_named_in_the_answer(toy: Toy) -> None:
    reply = toy.send(path="/pictures", **form([("image", PICTURE), ("style", "modern"), ("roomtype", "bedroom")]))
    assert (reply.status, reply.json()["errors"][0]["field"]) == (422, "body.roomtype")
    assert toy.made == []


def parts(*written: tuple[str, bytes]) -> dict[str, Any]:
    """A form by its parts' headers, after `Content-Disposition: form-data; `, and their bytes."""
    heads = [b"--b\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" for head, _ in written]
    body = b"".join(head + data + b"\r\n" for head, (_, data) in zip(heads, written, strict=True)) + b"--b--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b"}
    return {"path": "/pictures", "body": base64.b64encode(body).decode(), "raw": True, "headers": headers}


STYLE = ('name="style"', b"modern")


@pytest.mark.parametrize(
    "head",
    [
        "name=\"image\"; filename*=UTF-8''r%20%E2%82%AC.jpg",
        "name=\"image\"; filename*=no-such-charset''r.jpg",
        'name="image"\r\nContent-Type: image/jpeg',
        'name="image"\r\nContent-Type: application/octet-stream',
        'name="image"; filename=""\r\nContent-Type: application/octet-stream',
    ],
)
def test_a_part_is_a_file_by_either_form_of_file_name_and_by_its_type_alone(toy: Toy, head: str) -> None:
    reply = toy.send(**parts((head, PICTURE), STYLE))
    assert (reply.status, reply.json().get("bytes_")) == (201, len(PICTURE)), reply.text


@pytest.mark.parametrize(
    ("encoding", "sent", "status"),
    [
        ("binary", PICTURE, 201),
        ("BASE64", base64.encodebytes(PICTURE), 201),
        ("quoted-printable", binascii.b2a_qp(PICTURE, istext=False), 201),
        ("base64", b"abc", 422),
        ("x-zip", PICTURE, 422),
    ],
)
def test_a_part_that_was_encoded_for_mail_is_decoded_or_named(
    toy: Toy, encoding: str, sent: bytes, status: int
) -> None:
    reply = toy.send(**parts((f'name="image"; filename="a"\r\nContent-Transfer-Encoding: {encoding}', sent), STYLE))
    assert reply.status == status, reply.text
    told = reply.json()
    assert told["bytes_"] == len(PICTURE) if status == 201 else told["errors"][0]["field"] == "body.image"


def test_a_file_named_in_its_own_script_keeps_its_name() -> None:
    body = b"--b\r\nContent-Disposition: form-data; name=a; filename*=UTF-8''r%20%E2%82%AC.jpg\r\n\r\n1\r\n--b--\r\n"
    (value,) = forms.parse(body, "multipart/form-data; boundary=b").values()
    assert isinstance(value, UploadFile)
    assert value.filename == "r €.jpg"


def test_an_empty_file_input_is_no_file(toy: Toy) -> None:
    nothing = 'filename=""\r\nContent-Type: application/octet-stream'
    reply = toy.send(**parts((f'name="image"; {nothing}', b""), STYLE))
    assert (reply.status, reply.json()["errors"][0]["field"]) == (422, "body.image")
    reply = toy.send(**parts(('name="image"; filename="a"', b"12"), (f'name="others[]"; {nothing}', b""), STYLE))
    assert reply.json()["others"] == []


def test_a_part_that_is_neither_text_nor_called_a_file_is_named_in_the_answer(toy: Toy) -> None:
    reply = toy.send(**parts(('name="image"', PICTURE), STYLE))
    assert (reply.status, reply.json()["errors"][0]["field"]) == (422, "body.image")


def test_a_route_of_forms_is_refused_without_a_form_for_its_body(toy: Toy) -> None:
    with pytest.raises(ValueError, match="Form"):
        toy.api.post("/other", form=True, summary="s", tags=["t"], round_trips=0)(toy.make)


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
