"""The styles, for everybody and for caches.

Their preview pictures come from here as well: they are small, they change only with the code, and their addresses can
stay the same, which presigned ones could not, so that the list has one ETag.
"""

import base64
import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import BaseModel

from functions.stagecraft_api.surface import SURFACE
from vitrine.contracts.catalogue import RoomType
from vitrine.kernel import conditional
from vitrine.kernel.errors import NotFound
from vitrine.kernel.http import Allow, Api
from vitrine.staging import names, styles
from vitrine.staging.styles import StyleEntry

api = Api(SURFACE)
handler = api.handler

PREVIEWS = Path(__file__).parent / "previews"
_LIST_S, _PICTURE_S = 3600, 31_536_000

IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match")]


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


_UNCHANGED: Any = {304: {"description": "What `If-None-Match` names is still current"}}
_LIST: Any = {
    200: {"description": "The styles, in their order", "content": {"application/json": {"model": StyleList}}},
    **_UNCHANGED,
}
_PICTURE: Any = {
    200: {
        "description": "The picture",
        "content": {"image/jpeg": {"schema": {"type": "string", "contentMediaType": "image/jpeg"}}},
    },
    **_UNCHANGED,
}


@api.get(
    "/api/styles",
    summary="List the styles",
    tags=["styles"],
    responses=_LIST,
    allow=Allow.PUBLIC,
    round_trips=0,
)
def list_styles(if_none_match: IfNoneMatch = None) -> Response[StyleList | None]:
    base = _base_url(api.routes.current_event.raw_event)
    listed = StyleList(styles=[_view(style, base) for style in styles.offered()])
    headers = _cached(conditional.etag(listed.model_dump_json()), _LIST_S)
    if conditional.is_known(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(status_code=200, body=listed, content_type="application/json", headers=headers)


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
def preview(style_id: str, if_none_match: IfNoneMatch = None) -> Response[str | None]:
    style = styles.find(style_id)
    if style is None:
        raise NotFound("There is no such style.", code="style_not_found")
    picture = _picture(style.id)
    headers = _cached(conditional.etag(picture), _PICTURE_S)
    if conditional.is_known(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    # Encoded here: powertools would take the bytes of a typed answer for UTF-8.
    body = base64.b64encode(picture).decode()
    answer: Response[str | None] = Response(200, "image/jpeg", body, headers)
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


def _cached(tag: str, seconds: int) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": f"public, max-age={seconds}"}


def _base_url(event: dict[str, Any]) -> str:
    """Where this API is reached. An emulator serves it under a path of its own endpoint."""
    context = event["requestContext"]
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        return f"{endpoint.rstrip('/')}/_aws/execute-api/{context['apiId']}/{context['stage']}"
    return f"https://{context['domainName']}"
