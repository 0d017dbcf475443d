"""Room types and styles as clients write them, on both surfaces by the same rule."""

import pytest

from functions.realstaging_api.surface import SURFACE as REALSTAGING
from functions.stagecraft_api.surface import SURFACE as STAGECRAFT
from tests.support.agency import Agency
from tests.support.issuer import issuer
from tests.support.requests import Reply
from tests.support.surfaces import call
from vitrine.contracts.catalogue import RoomType, Style

PRESIGN = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1}


def on_realstaging(style: str, room_type: str) -> Reply:
    token = issuer().token("anna")
    project = call(REALSTAGING, "POST /api/v1/projects", token=token, body={"name": "n"}).json()["id"]
    upload = call(REALSTAGING, "POST /api/v1/uploads/presign", token=token, body=PRESIGN).json()["file_key"]
    order = {"project_id": project, "original_url": upload, "style": style, "room_type": room_type}
    made = call(REALSTAGING, "POST /api/v1/images", token=token, body=order)
    return (
        call(REALSTAGING, "GET /api/v1/images/{id}", token=token, id=made.json()["id"]) if made.status == 202 else made
    )


def on_stagecraft(style: str, room_type: str) -> Reply:
    key = Agency.open().key
    upload = call(STAGECRAFT, "POST /api/uploads/presign", token=key, body=PRESIGN).json()["file_key"]
    order = {"image": upload, "style": style, "room_type": room_type}
    return call(STAGECRAFT, "POST /api/stage", token=key, body=order)


def test_both_surfaces_take_what_people_mean() -> None:
    image, staging = on_realstaging("Contemporary", "Living Room").json(), on_stagecraft("Traditional", "lounge").json()
    assert (image["style"], image["roomType"]) == ("modern_luxury", "living_room")
    assert (staging["style"], staging["room_type"]) == ("classic_elegance", "living_room")


@pytest.mark.parametrize("ask", [on_realstaging, on_stagecraft])
@pytest.mark.parametrize(
    ("style", "room_type", "known"),
    [("baroque", "bedroom", "quiet_luxury"), ("modern", "garage", "entry_hall")],
)
def test_both_answer_what_means_nothing_with_the_list(ask: object, style: str, room_type: str, known: str) -> None:
    assert callable(ask)
    reply = ask(style, room_type)
    assert reply.status == 422
    assert known in reply.text


def test_the_lists_say_every_alias_that_is_taken() -> None:
    rooms = call(REALSTAGING, "GET /api/v1/rooms", token=None).json()["rooms"]
    styles = call(REALSTAGING, "GET /api/v1/styles", token=None).json()["styles"]
    assert [room["id"] for room in rooms] == list(RoomType)
    assert [style["id"] for style in styles] == list(Style)
    assert "traditional" in styles[2]["aliases"]
    assert call(STAGECRAFT, "GET /api/rooms", token=None).json()["rooms"] == rooms
