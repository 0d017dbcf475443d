"""What people call rooms and styles: their names and synonyms as data, and one rule that finds what is meant.

Both surfaces take every spelling of an id or an alias: upper and lower case, accents, spaces, hyphens and underscores
make no difference, so `Living Room`, `living-room` and `livingroom` are `living_room`.
"""

import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Generic, NoReturn, TypeVar

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from vitrine.contracts.catalogue import RoomType, Style
from vitrine.kernel.record import Record

T = TypeVar("T", bound=StrEnum)


class Named(Record, Generic[T]):
    """A room type or a style: its name to show, and the other words that mean it."""

    id: T
    name: str
    aliases: tuple[str, ...]


def _named(id_: T, *aliases: str, name: str | None = None) -> Named[T]:
    return Named[T](id=id_, name=name or id_.value.replace("_", " ").title(), aliases=aliases)


ROOMS = (
    _named(
        RoomType.LIVING_ROOM, "living", "lounge", "sitting room", "family room", "great room", "drawing room", "salon"
    ),
    _named(RoomType.BEDROOM, "bed room", "master bedroom", "primary bedroom", "main bedroom", "guest bedroom"),
    _named(RoomType.DINING_ROOM, "dining", "dining area", "breakfast room"),
    _named(RoomType.OFFICE, "home office", "study", "workspace", "work room"),
    _named(RoomType.NURSERY, "baby room", "nursery room"),
    _named(
        RoomType.ENTRY_HALL, "entry", "entrance", "entrance hall", "entryway", "foyer", "hall", "hallway", "vestibule"
    ),
    _named(RoomType.KITCHEN, "kitchenette"),
    _named(RoomType.BATHROOM, "bath", "bath room", "master bathroom", "ensuite", "powder room", "washroom"),
)
STYLES = (
    _named(Style.MODERN_LUXURY, "modern", "contemporary", "luxury", "modern contemporary"),
    _named(Style.SCANDINAVIAN, "scandi", "nordic", "scandinavian modern", "modern scandinavian"),
    _named(Style.CLASSIC_ELEGANCE, "classic", "classical", "traditional", "transitional", "elegant"),
    _named(Style.INDUSTRIAL, "loft", "urban industrial", "industrial loft"),
    _named(Style.MID_CENTURY, "mid century modern", "midcentury modern", "retro", name="Mid-Century"),
    _named(Style.FARMHOUSE, "modern farmhouse", "country", "rustic"),
    _named(Style.COASTAL, "beach", "beach house", "seaside", "nautical"),
    _named(Style.JAPANDI, "japanese", "zen", "wabi sabi"),
    _named(Style.ART_DECO, "deco"),
    _named(Style.PARISIAN_CHIC, "parisian", "french", "paris"),
    _named(Style.HAMPTONS, "the hamptons", "coastal luxury"),
    _named(Style.QUIET_LUXURY, "minimalist", "minimal", "understated luxury", "old money"),
    _named(Style.HOLLYWOOD_REGENCY, "hollywood", "hollywood glam", "glam", "glamour", "regency"),
    _named(Style.ALPINE_LODGE, "alpine", "lodge", "chalet", "mountain", "ski chalet"),
)


def spelling(text: str) -> str:
    """The text as it is compared: its letters and digits alone, in lower case and without accents."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in parts if character.isalnum())


def spellings(named: Iterable[Named[T]]) -> dict[str, T]:
    """What each spelling means. A style may be called one: `modern style`."""
    found: dict[str, T] = {}
    for each in named:
        for word in (each.id.value, each.name, *each.aliases):
            found[spelling(word)] = each.id
            found[spelling(f"{word} style")] = each.id
    return found


_ROOMS, _STYLES = spellings(ROOMS), spellings(STYLES)


def room_of(text: str) -> RoomType | None:
    """None for what means no room."""
    return _ROOMS.get(spelling(text))


def style_of(text: str) -> Style | None:
    """None for what means no style; it may still be one that the surface does not offer."""
    return _STYLES.get(spelling(text))


def _room(value: Any) -> RoomType:
    return (room_of(value) if isinstance(value, str) else None) or _unknown("room type", RoomType)


def _style(value: Any) -> Style:
    return (style_of(value) if isinstance(value, str) else None) or _unknown("style", Style)


def _unknown(what: str, known: type[StrEnum]) -> NoReturn:
    listed = ", ".join(known)
    raise PydanticCustomError(
        "unknown_name", "There is no such {what}. There are: {listed}.", {"what": what, "listed": listed}
    )


MeantRoom = Annotated[RoomType, BeforeValidator(_room, json_schema_input_type=RoomType)]
MeantStyle = Annotated[Style, BeforeValidator(_style, json_schema_input_type=Style)]
"""What a request may call a room or a style; the value is the one that is meant."""
