"""The styles, through the handler: what is listed, what caches may keep, and the pictures."""

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from functions.stagecraft_api import reference, styles
from tests.support.requests import CONTEXT, event, template_of
from vitrine.contracts.catalogue import RoomType, Style
from vitrine.staging.styles import CATALOGUE, offered


def get(path: str, what: Any = styles, **headers: str) -> dict[str, Any]:
    request = event("GET", path, headers=headers, template=template_of(what.handler, path))
    request["requestContext"] |= {"apiId": "abc", "domainName": "stagecraft.example"}
    answer: dict[str, Any] = what.handler(request, CONTEXT)
    return answer


def preview(style: str, **headers: str) -> dict[str, Any]:
    return get(f"/api/styles/{style}/preview", **headers)


def test_all_styles_on_offer_are_listed_in_order_with_what_the_document_says_of_a_style() -> None:
    answer = get("/api/styles")
    listed = json.loads(answer["body"])["styles"]
    assert answer["statusCode"] == 200
    assert [style["id"] for style in listed] == [style.id for style in offered()]
    assert len(listed) >= 8
    assert [style["sort_order"] for style in listed] == sorted(style["sort_order"] for style in listed)
    for style in listed:
        assert style.keys() == {
            *("id", "name", "description", "preview_image", "best_for", "price_range", "sort_order", "aliases"),
        }
        assert style["best_for"]
        assert style["preview_image"].startswith(f"https://stagecraft.example/api/styles/{style['id']}/preview?v=")


def test_who_has_the_list_is_not_sent_it_again() -> None:
    first = get("/api/styles")
    assert first["headers"]["Cache-Control"] == "public, max-age=3600"
    again = get("/api/styles", **{"if-none-match": f'"other", W/{first["headers"]["ETag"]}'})
    assert (again["statusCode"], again["body"]) == (304, "")
    assert again["headers"]["ETag"] == first["headers"]["ETag"]
    assert get("/api/styles", **{"if-none-match": '"other"'})["statusCode"] == 200


@pytest.mark.parametrize("style", [style.id for style in CATALOGUE])
def test_every_style_has_a_small_picture_of_its_own(style: str) -> None:
    answer = preview(style)
    data = base64.b64decode(answer["body"])
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "image/jpeg")
    assert answer["isBase64Encoded"]
    assert len(data) <= 40_000
    with Image.open(io.BytesIO(data)) as picture:
        assert (picture.format, picture.width) == ("JPEG", 640)
    assert preview(style, **{"if-none-match": answer["headers"]["ETag"]})["statusCode"] == 304


def test_the_room_types_are_listed_with_the_words_that_mean_them() -> None:
    rooms = json.loads(get("/api/rooms")["body"])["rooms"]
    assert [room["id"] for room in rooms] == list(RoomType)
    assert "lounge" in rooms[0]["aliases"]


def test_no_two_styles_look_the_same() -> None:
    assert len({preview(style.id)["body"] for style in offered()}) == len(offered())


@pytest.mark.parametrize("style", ["baroque", "..", Style.SCANDINAVIAN])
def test_what_is_no_style_here_has_no_picture(style: str) -> None:
    answer = preview(style)
    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["error"]["code"] == "STYLE_NOT_FOUND"


def test_the_surfaces_document_is_served() -> None:
    answer = get("/openapi.json", what=reference)
    assert json.loads(answer["body"])["info"]["title"] == "StageCraft AI API"
