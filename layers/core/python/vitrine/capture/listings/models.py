from collections.abc import Mapping

from pydantic import Field

from vitrine.capture.models import Session, SessionStatus
from vitrine.kernel.record import Record

LONGEST_PAGE = 100


class SessionQuery(Record):
    """Which sessions a list shows, the newest first. `sites` are those that the caller may see; None for all."""

    tenant: str
    sites: frozenset[str] | None = None
    status: SessionStatus | None = None
    vehicle_id: str | None = None
    limit: int = Field(default=50, ge=1, le=LONGEST_PAGE)
    offset: int = Field(default=0, ge=0)


class SessionPage(Record):
    """`total` counts all that the query finds."""

    sessions: tuple[Session, ...]
    total: int


Spans = Mapping[int, Mapping[SessionStatus, int]]
"""How many sessions of each status lie in each span."""


class Row(Record):
    """A session in its list: `at` is its place there."""

    at: str
    session: str
    site: str


class Place(Record):
    """Where a page begins: in this span, after so many of its sessions."""

    span: int
    skip: int
