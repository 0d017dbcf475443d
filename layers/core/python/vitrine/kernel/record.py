from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from vitrine.kernel.ids import uuid_in


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
