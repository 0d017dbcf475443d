import re
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from vitrine.kernel.ids import uuid_in

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


class Record(BaseModel):
    """An immutable value. What was wrong with one is never said with the value itself: it may be a token or a body."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def _without_fraction(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


WHOLE = BeforeValidator(_without_fraction)
"""After `Strict()` and the bounds of an int: JSON's integers, of which 1.0 is one (JSON Schema 2020-12, core 4.2.3)."""


def _uuid(text: str) -> str:
    """Pydantic's own type takes more spellings, such as a URN, which would be other keys."""
    known = uuid_in(text)
    if known is None:
        raise PydanticCustomError("uuid", "Send a UUID such as 0192f0c4-7b1a-7c3e-8a55-3f0d9a6c1e42.")
    return known


Uuid = Annotated[str, AfterValidator(_uuid), Field(json_schema_extra={"format": "uuid"})]
"""An id in a body, a path or a query, as a lower-case UUID."""


def _rfc3339(value: Any) -> Any:
    """Pydantic would take a number for a moment too, in JSON and in text."""
    if isinstance(value, int | float) or (isinstance(value, str) and not _MOMENT.match(value)):
        raise PydanticCustomError("moment", "Send a moment with its offset, such as 2026-11-28T12:00:00Z.")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]
"""A moment that a client says (RFC 3339)."""
