"""Lists page by page: the parameters `limit` and `cursor`, and the sealed cursor that continues a list."""

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from vitrine.kernel import secrets
from vitrine.kernel.cursors import Cursors, Position
from vitrine.kernel.environment import CursorKey
from vitrine.kernel.record import Moment

T = TypeVar("T")
DEFAULT_LIMIT = 20
PageLimit = Annotated[int, Query(ge=1, le=100)]
PageCursor = Annotated[str | None, Query(max_length=2000)]
CreatedFrom = Annotated[Moment | None, Query(description="Only what was created at this moment or later (RFC 3339)")]
CreatedBefore = Annotated[Moment | None, Query(description="Only what was created before this moment (RFC 3339)")]

Fetch = Callable[[Position | None], tuple[list[T], Position | None]]


class Page(BaseModel, Generic[T]):
    """`next_cursor` continues the list, and is null at its end."""

    items: list[T]
    next_cursor: str | None


class Pages:
    """The pages of a function's lists. Raises `ConfigurationMissingError` at cold start without the cursors' key."""

    def __init__(self) -> None:
        key = CursorKey.load()
        self._cursors = Cursors(lambda: secrets.value(key.cursor_key_secret_arn).encode())

    def read(self, listing: str, cursor: str | None, fetch: Fetch[T]) -> tuple[list[T], str | None]:
        """One page of `listing`, the list's name with whose it is, and the cursor of the next; None at the list's end.

        `fetch` reads the page after a position. Raises `Invalid` for a cursor of another list.
        """
        items, after = fetch(self._cursors.open(listing, cursor) if cursor else None)
        return items, self._cursors.seal(listing, after) if after else None
