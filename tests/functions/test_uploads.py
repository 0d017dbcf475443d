"""POST /api/v1/uploads/presign through its Lambda handler."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore import auth

from functions.realstaging_api import uploads
from tests.support.issuer import issuer
from tests.support.requests import Reply, send
from vitrine.assets import service
from vitrine.assets.models import MAX_BYTES
from vitrine.kernel import tables

PHOTO = {"filename": "Living room.jpg", "content_type": "image/jpeg", "file_size": 48213}


def presign(token: str | None = None, headers: dict[str, str] | None = None, **changes: Any) -> Reply:
    body = {key: value for key, value in {**PHOTO, **changes}.items() if value is not None}
    token = issuer().token("alice") if token is None else token
    return send(uploads.handler, "POST", "/api/v1/uploads/presign", body=body, token=token, headers=headers)


def test_the_answer_says_where_and_how_to_put_the_file() -> None:
    answer = presign(sha256="ab" * 32)
    assert answer.status == 200
    upload = answer.json()
    assert upload["expires_in"] == 900
    assert upload["file_key"].endswith("/Living-room.jpg")
    assert urlsplit(upload["upload_url"]).path == f"/{upload['file_key']}"
    assert set(upload["headers"]) == {"Content-Type", "Content-Length", "x-amz-checksum-sha256"}


def test_every_header_in_the_answer_is_signed() -> None:
    upload = presign(sha256="ab" * 32).json()
    signed = parse_qs(urlsplit(upload["upload_url"]).query)["X-Amz-SignedHeaders"][0].split(";")
    assert set(signed) == {"host", *(name.lower() for name in upload["headers"])}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content_type": "image/gif"}, "body.content_type"),
        ({"content_type": "text/plain"}, "body.content_type"),
        ({"file_size": 0}, "body.file_size"),
        ({"file_size": MAX_BYTES + 1}, "body.file_size"),
        ({"file_size": True}, "body.file_size"),
        ({"filename": None}, "body.filename"),
        ({"sha256": "not a digest"}, "body.sha256"),
    ],
)
def test_a_promise_that_we_do_not_take_is_answered_by_its_field(changes: dict[str, Any], field: str) -> None:
    answer = presign(**changes)
    assert answer.status == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_refused_type_is_told_which_ones_are_read() -> None:
    (error,) = presign(content_type="image/gif").json()["errors"]
    for allowed in ("image/jpeg", "image/png", "image/webp", "image/heic"):
        assert allowed in error["message"]


def test_without_a_token_nothing_is_signed() -> None:
    assert send(uploads.handler, "POST", "/api/v1/uploads/presign", body=PHOTO).status == 401


def later(minutes: int) -> datetime:
    """As botocore's clock has it: UTC without a zone."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).replace(tzinfo=None)


def test_a_request_repeated_under_its_key_promises_one_upload_and_signs_its_url_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = {"idempotency-key": "one"}
    replies = []
    for minutes in (0, 20):
        monkeypatch.setattr(auth, "get_current_datetime", partial(later, minutes))
        replies.append(presign(headers=key))
    assert [reply.status for reply in replies] == [200, 200]
    first, second = (reply.json() for reply in replies)
    signed = [parse_qs(urlsplit(upload.pop("upload_url")).query)["X-Amz-Date"][0] for upload in (first, second)]
    assert first == second
    assert signed[0] < signed[1]
    assert len(promised()) == 1


def test_a_key_repeated_for_another_file_is_refused() -> None:
    key = {"idempotency-key": "one"}
    assert presign(headers=key).status == 200
    assert presign(headers=key, file_size=7).status == 422
    assert len(promised()) == 1


def test_no_signed_url_is_kept() -> None:
    upload = presign(headers={"idempotency-key": "one"}).json()
    secret = parse_qs(urlsplit(upload["upload_url"]).query)["X-Amz-Signature"][0]
    for table in ("guard", "assets"):
        kept = str(tables.client().scan(TableName=table)["Items"])
        assert "pk" in kept
        assert secret not in kept


def promised() -> list[Any]:
    return [item for item in tables.client().scan(TableName="assets")["Items"] if item["kind"]["S"] == "ASSET"]


def test_two_people_get_keys_of_their_own() -> None:
    tenants = {presign(issuer().token(name)).json()["file_key"].split("/")[1] for name in ("alice", "bob")}
    assert len(tenants) == 2


def test_the_promised_upload_is_awaited() -> None:
    upload = presign().json()
    asset = service.find(upload["file_key"].split("/")[1], upload["asset_id"])
    assert asset is not None
    assert (asset.size, asset.content_type) == (48213, "image/jpeg")
