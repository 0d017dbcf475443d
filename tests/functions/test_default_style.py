"""A staging whose request names no style is staged in the account's default style."""

from typing import Any

import pytest

from functions.stagecraft_api.errors import render
from functions.stagecraft_api.surface import SURFACE
from tests.support import pictures
from tests.support.agency import Agency, code
from tests.support.requests import Reply, form
from tests.support.surfaces import call
from vitrine.kernel.errors import Forbidden, Unauthenticated

PRESIGN = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1}


@pytest.fixture
def ann() -> Agency:
    return Agency.open("enterprise")


def send(ann: Agency, route: str, body: Any = None, **known: Any) -> Reply:
    return call(SURFACE, route, token=ann.key, body=body, **known)


def prefer(ann: Agency, style: str | None) -> Reply:
    return send(ann, "PATCH /api/account", {"default_style": style})


def order(ann: Agency, **said: Any) -> dict[str, Any]:
    return {"image": send(ann, "POST /api/uploads/presign", PRESIGN).json()["file_key"], **said}


@pytest.mark.parametrize("said", [{}, {"style": None}, {"style": ""}])
def test_a_staging_that_says_no_style_has_the_default_one(ann: Agency, said: dict[str, Any]) -> None:
    assert prefer(ann, "Traditional").json()["default_style"] == "classic_elegance"
    assert send(ann, "POST /api/stage", order(ann, **said)).json()["style"] == "classic_elegance"
    assert send(ann, "POST /api/stage", order(ann, style="hamptons")).json()["style"] == "hamptons"


def test_a_form_and_a_batch_have_it_too(ann: Agency) -> None:
    prefer(ann, "art_deco")
    photo = pictures.file(pictures.room(320, 256))
    assert call(SURFACE, "POST /api/stage", token=ann.key, **form([("image", photo)])).json()["style"] == "art_deco"
    batch = {"images": [order(ann)["image"]]}
    assert send(ann, "POST /api/stage/batch", batch).json()["style"] == "art_deco"


def test_without_a_default_a_style_is_asked_for_with_the_list(ann: Agency) -> None:
    for route, body in (("POST /api/stage", order(ann)), ("POST /api/stage/batch", {"images": [order(ann)["image"]]})):
        reply = send(ann, route, body)
        assert code(reply) == (422, "INVALID_STYLE")
        assert "default_style" in reply.text
        assert "quiet_luxury" in reply.text


def test_a_default_style_that_is_taken_away_is_used_no_more(ann: Agency) -> None:
    prefer(ann, "hamptons")
    prefer(ann, None)
    assert code(send(ann, "POST /api/stage", order(ann))) == (422, "INVALID_STYLE")


@pytest.mark.parametrize(
    "error",
    [
        *(Unauthenticated("m", code=code) for code in (None, "token_expired", "invalid_token", "invalid_api_key")),
        Forbidden("m", code="api_key_required"),
    ],
    ids=lambda error: error.code,
)
def test_whatever_is_wrong_with_a_credential_the_document_has_one_code_for_it(error: Any) -> None:
    assert render(error, "req")["error"]["code"] == "INVALID_API_KEY"
