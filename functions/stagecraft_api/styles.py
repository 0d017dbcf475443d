"""The styles, for everybody and for caches.

Their preview pictures come from here as well: they are small, they change only with the code, and their addresses can
stay the same, which presigned ones could not, so that the list has one ETag.
"""

import base64
from functools import cache
from pathlib import Path
from typing import Any, Literal

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from functions.stagecraft_api.surface import SURFACE
from vitrine.contracts.catalogue import RoomType
from vitrine.kernel import conditional
from vitrine.kernel.errors import NotFound
from vitrine.kernel.http import Allow, Api, BaseUrl
from vitrine.staging import names, styles
from vitrine.staging.styles import StyleEntry

api = Api(SURFACE)
handler = api.handler

PREVIEWS = Path(__file__).parent / "previews"
_LIST_S, _PICTURE_S = 3600, 31_536_000


class StyleView(BaseModel):
    """`preview_image` is a room staged in this style. `id` is what `POST /api/stage` takes, or any of the `aliases`."""

    id: str
    name: str
    description: str
    preview_image: str
    best_for: list[str]
    price_range: Literal["luxury", "premium", "standard"]
    sort_order: int
    aliases: list[str]


class RoomView(BaseModel):
    """`id` is what `room_type` takes, or any of the `aliases`."""

    id: RoomType
    name: str
    aliases: list[str]


class RoomList(BaseModel):
    rooms: list[RoomView]


class StyleList(BaseModel):
    styles: list[StyleView]


_LIST: Any = {
    200: {"description": "The styles, in their order", "content": {"application/json": {"model": StyleList}}},
}
_PICTURE: Any = {
    200: {
        "description": "The picture",
        "content": {"image/jpeg": {"schema": {"type": "string", "contentMediaType": "image/jpeg"}}},
    },
}


@api.get(
    "/api/styles",
    summary="List the styles",
    tags=["styles"],
    responses=_LIST,
    allow=Allow.PUBLIC,
    round_trips=0,
)
def list_styles(base: BaseUrl) -> Response[StyleList]:
    listed = StyleList(styles=[_view(style, base) for style in styles.offered()])
    return Response(status_code=200, body=listed, content_type="application/json", headers=_kept(_LIST_S))


@api.get("/api/rooms", summary="List the room types", tags=["styles"], allow=Allow.PUBLIC, round_trips=0)
def list_rooms() -> RoomList:
    return RoomList(rooms=[RoomView(**room.model_dump()) for room in names.ROOMS])


@api.get(
    "/api/styles/{style_id}/preview",
    summary="See a room staged in a style",
    tags=["styles"],
    responses=_PICTURE,
    allow=Allow.PUBLIC,
    round_trips=0,
    errors=(404,),
)
def preview(style_id: str) -> Response[str]:
    style = styles.find(style_id)
    if style is None:
        raise NotFound("There is no such style.", code="style_not_found")
    # Encoded here: powertools would take the bytes of a typed answer for UTF-8.
    body = base64.b64encode(_picture(style.id)).decode()
    answer = Response(200, "image/jpeg", body, _kept(_PICTURE_S))
    answer.base64_encoded = True
    return answer


def _view(style: StyleEntry, base: str) -> StyleView:
    shown = style.model_dump(include=StyleView.model_fields.keys() - {"preview_image"})
    # The version changes with the picture, so that the picture itself may be kept for ever.
    version = conditional.etag(_picture(style.id)).strip('"')[:8]
    address = f"{base}/api/styles/{style.id}/preview?v={version}"
    return StyleView(**shown, preview_image=address, aliases=list(styles.aliases(style)))


@cache
def _picture(style_id: str) -> bytes:
    return (PREVIEWS / f"{style_id}.jpg").read_bytes()


def _kept(seconds: int) -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={seconds}"}
