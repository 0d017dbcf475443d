"""What clients look up: the OpenAPI document, and the room types and styles that can be asked for. For everybody."""

from pathlib import Path

from pydantic import BaseModel

from functions.realstaging_api.surface import SURFACE
from vitrine.contracts.catalogue import RoomType, Style
from vitrine.kernel import documents
from vitrine.kernel.http import Allow, Api
from vitrine.staging import names

api = Api(SURFACE)
handler = api.handler
documents.serve(api, Path(__file__).parents[2] / "events")


class RoomView(BaseModel):
    """`id` is what `room_type` takes, or any of the `aliases`."""

    id: RoomType
    name: str
    aliases: list[str]


class RoomList(BaseModel):
    rooms: list[RoomView]


class StyleView(BaseModel):
    """`id` is what `style` takes, or any of the `aliases`."""

    id: Style
    name: str
    aliases: list[str]


class StyleList(BaseModel):
    styles: list[StyleView]


@api.get("/api/v1/rooms", summary="List the room types", tags=["reference"], allow=Allow.PUBLIC, round_trips=0)
def list_rooms() -> RoomList:
    return RoomList(rooms=[RoomView(**room.model_dump()) for room in names.ROOMS])


@api.get("/api/v1/styles", summary="List the styles", tags=["reference"], allow=Allow.PUBLIC, round_trips=0)
def list_styles() -> StyleList:
    return StyleList(styles=[StyleView(**style.model_dump()) for style in names.STYLES])
