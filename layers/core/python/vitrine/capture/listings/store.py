"""Rows and counts of lists in DynamoDB.

| item   | pk                            | sk             | also                                                  |
|--------|-------------------------------|----------------|-------------------------------------------------------|
| ROW    | tenant#LIST#scope             | span#session   | one of all sessions; `scope` is a site, or ALL        |
| ROW    | tenant#LIST#scope#status      | span#session   | one of those with the status, where it moves with it  |
| ROW    | tenant#VEHICLE#vehicle        | ROW#session    | one of a vehicle's, with its site and status          |
| COUNTS | tenant#COUNTS                 | scope          | `total`, and by status and span, such as `active#3`   |

A row names its session and nothing that changes, so that a page reads rows, then the sessions themselves.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from vitrine.capture.listings.models import Place, Row, Spans
from vitrine.capture.models import Session, SessionStatus
from vitrine.capture.store import PER_READ, Item, StaleSession
from vitrine.kernel import tables
from vitrine.kernel.tables import Write

ALL = "ALL"
Key = tuple[str, str]
_LONGEST_READ = 5_000
"""Rows of one request; about 1 MB, which is DynamoDB's own limit."""


class _RowItem(Item, discriminator="ROW"):
    session: Any = UnicodeAttribute()
    site: Any = UnicodeAttribute()
    status: Any = UnicodeAttribute()


class _CountsItem(Item, discriminator="COUNTS"):
    total: Any = NumberAttribute(null=True)


def total_key(tenant: str) -> Key:
    """Of the item that says how many sessions an organisation has."""
    return _counts_pk(tenant), ALL


def total_in(item: Any | None) -> int:
    """What that item says; nothing before the first session."""
    return int(item.total or 0) if item else 0


def added(session: Session) -> Iterator[Write]:
    """A new session comes into its lists, for the transaction that inserts it."""
    for scope in (ALL, session.site_id):
        yield from (tables.put(_row(session, pk), None, _moved) for pk in _lists(session, scope))
        yield _count(session, scope, {session.status: 1}, total=1)
    yield tables.put(_vehicle_row(session), None, _moved)


def moved(before: Session, after: Session) -> Iterator[Write]:
    """A session's status changed, for the transaction that replaces it."""
    for scope in (ALL, after.site_id):
        yield tables.delete(_row(before, _status_pk(before, scope)), None, _moved)
        yield tables.put(_row(after, _status_pk(after, scope)), None, _moved)
        yield _count(after, scope, {before.status: -1, after.status: 1})
    yield tables.put(_vehicle_row(after), None, _moved)


def spans(tenant: str, scopes: Collection[str]) -> dict[str, Spans]:
    """The counts of each scope that has any: one request for each 100."""
    keys = [{"pk": {"S": _counts_pk(tenant)}, "sk": {"S": scope}} for scope in scopes]
    found: list[Any] = []
    for start in range(0, len(keys), PER_READ):
        found += _counts(keys[start : start + PER_READ])
    return {item["sk"]["S"]: _spans(item) for item in found}


def rows(
    tenant: str,
    scope: str,
    sites: Collection[str] | None,
    status: SessionStatus | None,
    place: Place,
    limit: int,
    share: float,
) -> list[str]:
    """The ids of a page's sessions, the newest first. `share` is about how many of the scope's rows are of `sites`."""
    wanted = place.skip + limit
    results = _RowItem.query(
        _list_pk(tenant, scope, status),
        _RowItem.sk < _sk(place.span + 1, ""),
        _RowItem.site.is_in(*sites) if sites else None,
        scan_index_forward=False,
        consistent_read=True,
        limit=wanted,
        page_size=min(_LONGEST_READ, int(wanted / share * 1.2) + 1 if sites else wanted),
    )
    return [row.session for row in results][place.skip :]


def opened(
    tenant: str, scope: str, between: tuple[datetime | None, datetime | None], before: str | None, limit: int
) -> list[Row]:
    """Sessions of a scope that were opened from one moment on and before the other, the newest first, behind the place
    `before`. One request where no moments are said; else one for each 5,000 rows that are passed by.
    """
    first, last = (_first_id(moment) if moment else None for moment in between)
    conditions = [*([_RowItem.session >= first] if first else []), *([_RowItem.session < last] if last else [])]
    results = _RowItem.query(
        _list_pk(tenant, scope, None),
        _RowItem.sk < before if before else None,
        reduce(and_, conditions) if conditions else None,
        scan_index_forward=False,
        consistent_read=True,
        limit=limit,
        page_size=_LONGEST_READ if conditions else limit,
    )
    return [Row(at=row.sk, session=row.session, site=row.site) for row in results]


def _first_id(moment: datetime) -> str:
    """The least id of a session that was opened then (UUIDv7: it begins with the milliseconds)."""
    digits = f"{max(0, int(moment.timestamp() * 1000)):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def of_vehicle(tenant: str, vehicle_id: str, sites: Collection[str] | None, status: SessionStatus | None) -> list[str]:
    """The ids of all sessions of a vehicle, the newest first."""
    found = _RowItem.query(
        f"{tenant}#VEHICLE#{vehicle_id}", _RowItem.sk.startswith("ROW#"), scan_index_forward=False, consistent_read=True
    )
    return [
        row.session
        for row in found
        if (sites is None or row.site in sites) and (status is None or row.status == status.value)
    ]


def _counts(keys: Iterable[Any]) -> list[Any]:
    # Its attributes are as many as there are spans, which a model cannot name.
    table = _CountsItem.Meta.table_name
    answer = tables.client().batch_get_item(RequestItems={table: {"Keys": list(keys), "ConsistentRead": True}})
    return list(answer["Responses"][table])


def _spans(item: dict[str, Any]) -> Spans:
    found: dict[int, dict[SessionStatus, int]] = defaultdict(dict)
    for name, value in item.items():
        status, mark, span = name.partition("#")
        if mark:
            found[int(span)][SessionStatus(status)] = int(value["N"])
    return found


def _count(session: Session, scope: str, changes: dict[SessionStatus, int], total: int = 0) -> Write:
    actions: list[Action] = [Path(f"{status.value}#{session.span}").add(change) for status, change in changes.items()]
    actions.append(Item.kind.set(_CountsItem))
    if total:
        actions.append(_CountsItem.total.add(total))
    return tables.update(_CountsItem(_counts_pk(session.tenant), scope), actions, None, _moved)


def _lists(session: Session, scope: str) -> tuple[str, str]:
    return _list_pk(session.tenant, scope, None), _status_pk(session, scope)


def _status_pk(session: Session, scope: str) -> str:
    return _list_pk(session.tenant, scope, session.status)


def _list_pk(tenant: str, scope: str, status: SessionStatus | None) -> str:
    return f"{tenant}#LIST#{scope}" + (f"#{status.value}" if status else "")


def _row(session: Session, pk: str) -> _RowItem:
    return _RowItem(pk, _sk(session.span, session.id), **_named(session))


def _vehicle_row(session: Session) -> _RowItem:
    pk = f"{session.tenant}#VEHICLE#{session.vehicle.id}"
    return _RowItem(pk, f"ROW#{session.id}", **_named(session))


def _named(session: Session) -> dict[str, Any]:
    return {"session": session.id, "site": session.site_id, "status": session.status.value}


def _sk(span: int, session_id: str) -> str:
    return f"{span:08}#{session_id}"


def _counts_pk(tenant: str) -> str:
    return f"{tenant}#COUNTS"


def _moved() -> StaleSession:
    return StaleSession("The session was changed meanwhile.")
