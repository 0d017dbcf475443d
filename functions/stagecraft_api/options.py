"""What requests say of a staging, in the document's words, and the photos that come with them."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import UploadFile
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from functions.stagecraft_api.surface import SURFACE
from vitrine.assets.models import Photo
from vitrine.contracts.catalogue import Quality, RoomType
from vitrine.identity.accounts import service as accounts
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Invalid
from vitrine.staging import styles
from vitrine.staging.models import StagingOptions, StagingRequest
from vitrine.staging.names import MeantRoom
from vitrine.staging.styles import StyleEntry


class QualityMode(StrEnum):
    STANDARD = "standard"
    PREMIUM = "premium"


def _absent(value: Any) -> Any:
    """A form's empty field says nothing."""
    return None if value == "" else value


def _one_photo(value: Any) -> Any:
    """In our words, since those for a union name its members."""
    if not isinstance(value, UploadFile | str):
        raise PydanticCustomError("photo", "Send one photo, or the file_key of an upload.")
    return value


OptionalRoom = Annotated[
    MeantRoom | None,
    BeforeValidator(_absent, json_schema_input_type=RoomType | Literal[""] | None),
    Field(description="One of `GET /api/rooms`, or any of its aliases in any spelling"),
]
PropertyName = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None, AfterValidator(_absent)
]
StyleId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=50,
        description="One of `GET /api/styles`, or any of its aliases in any spelling",
        json_schema_extra={"enum": [style.id for style in styles.CATALOGUE]},
    ),
]
OptionalStyle = Annotated[
    StyleId | None,
    BeforeValidator(_absent, json_schema_input_type=StyleId | Literal[""] | None),
    Field(description="One of `GET /api/styles`, or any of its aliases; not said: the account's `default_style`"),
]
Image = Annotated[UploadFile | str, BeforeValidator(_one_photo)]


def request(
    caller: Call, style: str | None, room_type: RoomType | None, quality_mode: QualityMode, name: str | None
) -> StagingRequest:
    """Raises `Invalid` for a style that never was one; one that was retired is staged as what replaced it.

    One that is not said is the account's default, which costs one more read.
    """
    known = _style_of(style or _default(caller))
    options = StagingOptions(style=known.engine_style, room_type=room_type, quality=Quality(quality_mode.value))
    return StagingRequest(
        surface=SURFACE.name, options=options, property_name=name, pictures_kept_days=SURFACE.pictures_kept_days
    )


def _default(caller: Call) -> str:
    chosen = accounts.find(caller.tenant).user.default_style
    if chosen is None:
        raise Invalid.field("body.style", "missing", f"Say a style, or set your default_style. {styles.OFFERED}")
    return chosen


def _style_of(text: str) -> StyleEntry:
    known = styles.find(text)
    if known is None:
        raise Invalid.field("body.style", "unknown_style", styles.ADVICE)
    return known


def photo(image: Image) -> Photo | str:
    """The photo that came, or the file key of an upload."""
    return image if isinstance(image, str) else Photo(data=image.content, filename=image.filename or "photo")
