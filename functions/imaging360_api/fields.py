"""Fields that several routes take."""

from typing import Annotated

from pydantic import Field

from vitrine.kernel.record import Uuid

__all__ = ["Text", "Uuid"]
Text = Annotated[str, Field(min_length=1, max_length=200)]
