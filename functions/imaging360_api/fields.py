"""Fields that several routes take."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _uuid(text: str) -> str:
    """Pydantic's own type takes more spellings, such as a URN, which would be other keys."""
    if not _UUID.fullmatch(text.lower()):
        raise PydanticCustomError("uuid", "Send a UUID such as 0192f0c4-7b1a-7c3e-8a55-3f0d9a6c1e42.")
    return text.lower()


Uuid = Annotated[str, AfterValidator(_uuid), Field(json_schema_extra={"format": "uuid"})]
"""An id in a body, a path or a query, as a lower-case UUID."""
Text = Annotated[str, Field(min_length=1, max_length=200)]
