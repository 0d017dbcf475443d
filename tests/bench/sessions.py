"""`python -m tests.bench.sessions [--rows 100000] [--tries 1000]`: lists of sessions at 1,000 rows and at many, and one
vehicle for many first sessions that come at once.

On moto, whose times say little; requests are counted, and read units follow from what was read by DynamoDB's own rule:
a consistent query costs one unit for each 4 KB of what it passes by, a consistent BatchGetItem that much for each item.
The rival is a list that walks to its offset (a query with a limit, which reads all rows before the page).
"""

import argparse
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from time import perf_counter
from typing import Any
from uuid import UUID

from moto.dynamodb.models import dynamodb_backends

from tests import conftest  # noqa: F401  (sets the environment before any store is imported)
from tests.support.captures import SESSION, TENANT, any_session, opened, uuid
from tests.support.cloud import ACCOUNT, REGION, aws
from tests.support.crowd import at_once
from vitrine.capture import store
from vitrine.capture.listings import rules, service
from vitrine.capture.listings import store as listings
from vitrine.capture.listings.models import SessionQuery
from vitrine.capture.models import SessionStatus
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now

SITES = [uuid(number) for number in range(20, 25)]
UNIT = 4096


class Meter:
    """Requests and read units of what the process asks of DynamoDB."""

    def __init__(self) -> None:
        self.requests, self.units, self.rows = 0, 0, 0
        events: Any = tables.connection().client.meta.events
        events.register("after-call.dynamodb", self._count)

    def _count(self, parsed: Any = None, **_: Any) -> None:
        self.requests += 1
        if "Items" in parsed:
            passed = sum(map(_size, parsed["Items"])) * parsed["ScannedCount"] / max(1, parsed["Count"])
            self.rows += parsed["ScannedCount"]
            self.units += math.ceil(passed / UNIT)
        for items in parsed.get("Responses", {}).values():
            self.units += sum(math.ceil(_size(item) / UNIT) for item in items)

    @contextmanager
    def reading(self) -> Iterator[dict[str, float]]:
        """What the block costs, filled in at its end."""
        self.requests = self.units = self.rows = 0
        cost: dict[str, float] = {}
        began = perf_counter()
        yield cost
        cost |= {"requests": self.requests, "units": self.units, "rows": self.rows}
        cost["ms"] = round((perf_counter() - began) * 1000)


def _size(item: Any) -> int:
    """Bytes of names and values, as DynamoDB counts them."""
    return sum(len(name) + len(str(next(iter(value.values())))) for name, value in item.items())


def _fill(count: int) -> None:
    """Put what the pages read straight into moto's table: through its API it would take an hour. The oldest first; five
    sites, of which each has a fifth; nine of ten are complete."""
    table = dynamodb_backends[ACCOUNT][REGION].tables["capture"]
    table.stream_shard = None  # it would keep every row once more
    counts: dict[str, dict[str, int]] = {listings.ALL: {}, **{site: {} for site in SITES}}
    began = int(utc_now().timestamp() * 1000) - count
    for number in range(count):
        site, span = SITES[number % 5], rules.span_of(number)
        status = SessionStatus.ACTIVE if number % 10 == 0 else SessionStatus.COMPLETE
        session_id = str(UUID(int=(began + number) << 80 | 7 << 76 | 2 << 62 | number))
        for item in json.loads(_items(site, status, span).replace(SESSION, session_id)):
            table.put_item(item)
        for scope in (listings.ALL, site):
            name = f"{status.value}#{span}"
            counts[scope][name] = counts[scope].get(name, 0) + 1
    for scope, numbers in counts.items():
        said = {name: {"N": str(number)} for name, number in {**numbers, "total": sum(numbers.values())}.items()}
        table.put_item({"pk": {"S": f"{TENANT}#COUNTS"}, "sk": {"S": scope}, "kind": {"S": "COUNTS"}, **said})


@cache
def _items(site: str, status: SessionStatus, span: int) -> str:
    """What the stores put for a session of that site, status and span, as JSON."""
    session = any_session(site_id=site, status=status, span=span)
    puts = [write for write in (store.insert(session), *listings.added(session)) if write.operation == "put"]
    return json.dumps([_as_item(write) for write in puts if "VEHICLE" not in str(_as_item(write)["pk"])])


class _Seen:
    """Takes the place of a transaction, and keeps what would be saved."""

    item: Any

    def save(self, item: Any, **_: Any) -> None:
        self.item = item


def _as_item(write: tables.Write) -> Any:
    seen = _Seen()
    write.apply(seen)  # type: ignore[arg-type]
    return seen.item.serialize()


def _pages(rows: int, meter: Meter) -> None:
    asked: dict[str, dict[str, Any]] = {
        "all sites": {},
        "one site": {"sites": frozenset(SITES[:1])},
        "two sites of five": {"sites": frozenset(SITES[:2])},
        "all sites, active": {"status": SessionStatus.ACTIVE},
    }
    for name, query in asked.items():
        total = service.page(SessionQuery(tenant=TENANT, **query)).total
        for where, offset in (("first", 0), ("middle", total // 2), ("last", max(0, total - 50))):
            with meter.reading() as cost:
                page = service.page(SessionQuery(tenant=TENANT, offset=offset, **query))
            assert len(page.sessions) == min(50, total)
            print(f"{rows:>8,}  {name:<18} {where:<7} {_line(cost)}")
    with meter.reading() as cost:
        walked = listings._RowItem.query(f"{TENANT}#LIST#{listings.ALL}", consistent_read=True, limit=rows // 2 + 50)
        assert sum(1 for _ in walked) == rows // 2 + 50
    print(f"{rows:>8,}  {'rival: walks there':<18} middle  {_line(cost)}")


def _line(cost: dict[str, float]) -> str:
    requests, units, rows, ms = (cost[name] for name in ("requests", "units", "rows", "ms"))
    return f"{requests:>3.0f} requests {units:>6.0f} read units {rows:>7,.0f} rows {ms:>7.0f} ms"


def _vehicles(tries: int) -> None:
    """Ten first sessions at once for each VIN."""
    vins = [f"WVGZZZ5NZEW{number:06}" for number in range(tries // 10)]
    made = at_once(lambda number: opened(vins[number // 10]), tries)
    vehicles = {session.vehicle.id for session in made}
    total = service.page(SessionQuery(tenant=TENANT)).total
    print(f"{tries:,} first sessions of {len(vins)} VINs at once: {len(vehicles) - len(vins)} doubles, total {total:,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--tries", type=int, default=1_000)
    options = parser.parse_args()
    meter = Meter()
    for rows in (1_000, options.rows):
        with aws():
            _fill(rows)
            _pages(rows, meter)
    with aws():
        _vehicles(options.tries)


if __name__ == "__main__":
    main()
