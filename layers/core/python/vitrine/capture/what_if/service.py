"""A page of past sets under the thresholds that hold and under the proposed ones."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce

from vitrine.assets.originals import StorageUnavailable
from vitrine.capture import store as sessions
from vitrine.capture.judging import materials, reports
from vitrine.capture.judging.models import Measured
from vitrine.capture.listings import store as listings
from vitrine.capture.models import Session, SetVerdict
from vitrine.capture.store import Judged
from vitrine.capture.thresholds import service as thresholds
from vitrine.capture.thresholds.models import Proposed, mode_of
from vitrine.capture.what_if import rules
from vitrine.capture.what_if.models import Answer, Compared, Totals, WhatIf
from vitrine.capture.what_if.packed import packed, unpacked
from vitrine.kernel.call import Call
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import Unavailable
from vitrine.kernel.observability import crash_fields, logger
from vitrine.set_qc.models import Mode

_AT_ONCE = 8


@dataclass(frozen=True)
class _Past:
    """A judged set, and what was measured of it; None where that is not there any more."""

    session: Session
    verdict: SetVerdict
    measured: Measured | None


def listing(call: Call, asked: WhatIf) -> str:
    """What a cursor belongs to: this very question."""
    return f"what-if#{call.tenant}#{hashlib.sha256(asked.model_dump_json(exclude_unset=True).encode()).hexdigest()}"


def ask(call: Call, asked: WhatIf, limit: int, after: Position | None, bucket: str) -> tuple[Answer, Position | None]:
    """What the proposed thresholds would have made of `limit` sessions, the ones that were opened last first.

    Three reads, none of all of a table, and an object of S3 for each set. Raises `Invalid` for thresholds that do not
    hold, `NotFound` for a site and `Forbidden` for the organisation unless the caller may use it, `Unavailable`.
    """
    thresholds.check_scope(call, asked.site_id)
    opened = asked.opened_from, asked.opened_before
    rows = listings.opened(call.tenant, asked.site_id or listings.ALL, opened, after["at"] if after else None, limit)
    proposed = thresholds.proposed_at(call, asked, {row.site for row in rows})
    found = sessions.judged(call.tenant, [row.session for row in rows]) if rows else {}
    past = _past([found[row.session] for row in rows if row.session in found], asked.mode, bucket)
    compared = [_compared(each, proposed[each.session.site_id]) for each in past]
    before = unpacked(after["totals"]) if after else Totals()
    totals = reduce(rules.added, (each.totals for each in compared), rules.added(before, Totals(read=len(rows))))
    more: Position | None = {"at": rows[-1].at, "totals": packed(totals)} if len(rows) == limit else None
    return Answer(changed=tuple(each.change for each in compared if each.change), totals=totals), more


def _compared(past: _Past, proposed: Proposed) -> Compared:
    if past.measured is None:
        return Compared(change=None, totals=Totals(judged=1, unreadable=1))
    if proposed.after is None:
        return Compared(change=None, totals=Totals(judged=1, with_own_thresholds=1))
    before, after = (reports.report(past.measured, each) for each in (proposed.before, proposed.after))
    return rules.compared(past.session, past.verdict, before, after)


def _past(found: Sequence[Judged], mode: Mode, bucket: str) -> list[_Past]:
    """Those that were judged in this mode, with what was measured of them."""
    judged = [each for each in found if each.verdict is not None and mode_of(each.session.mode) is mode]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        numbers = pool.map(lambda each: _measured(each.session, bucket), judged)
        pairs = zip(judged, numbers, strict=True)
        return [_Past(each.session, each.verdict, measured) for each, measured in pairs if each.verdict is not None]


def _measured(session: Session, bucket: str) -> Measured | None:
    try:
        return materials.last_measured(session, bucket)
    except StorageUnavailable as error:
        logger.warning("numbers could not be read", **crash_fields(error))
        raise Unavailable("The numbers of past sets could not be read.") from None
