"""A verdict is counted in the windows of its site and its organisation, and what goes over the share is told."""

from contextlib import suppress
from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit

from vitrine.capture import store as sessions
from vitrine.capture.overrules import rules, store
from vitrine.capture.overrules.models import Decided, Rate, Window
from vitrine.capture.telling import service as telling
from vitrine.capture.telling.models import CheckOverruledOften
from vitrine.capture.thresholds.models import ORGANISATION, mode_of
from vitrine.kernel import metrics, tables
from vitrine.kernel.observability import count
from vitrine.set_qc.models import Mode

_TRIES = 8


def count_set(tenant: str, session_id: str, now: datetime) -> None:
    """Count a session's last verdict, and what people said against it.

    Idempotency key: the session and the moment of its verdict, of which the last counts, in any order. Raises
    `StaleWindow`.
    """
    found = sessions.judged(tenant, [session_id]).get(session_id)
    if found is None or found.verdict is None:
        return
    said = rules.decided(session_id, found.verdict, found.checks())
    mode = mode_of(found.session.mode)
    _count(tenant, found.session.site_id, mode, said, now)
    _measure(_count(tenant, ORGANISATION, mode, said, now))


def rates(tenant: str, site_id: str | None, mode: Mode) -> tuple[int, tuple[Rate, ...]]:
    """Over how many sets of a site or of the organisation, and how often people overruled each check. One read."""
    window = store.get(tenant, site_id or ORGANISATION, mode)
    return len(window.sets), rules.rates(window)


def _count(tenant: str, scope: str, mode: Mode, said: Decided, now: datetime) -> Window:
    for _ in range(_TRIES):
        before = store.get(tenant, scope, mode)
        after = rules.counted(before, said)
        if after is before:
            return before
        told = [_told(after, rate, said.session_id, now) for rate in rules.newly_often(before, after)]
        with suppress(store.StaleWindow):
            tables.commit(store.put(after), *map(telling.put, told))
            return after
    raise store.StaleWindow("The window kept changing. Try again.")


def _told(window: Window, rate: Rate, session_id: str, now: datetime) -> CheckOverruledOften:
    return CheckOverruledOften(
        tenant=window.tenant,
        session_id=session_id,
        site_id=None if window.scope == ORGANISATION else window.scope,
        mode=window.mode,
        check=rate.check,
        version=window.version,
        sets=len(window.sets),
        overruled=rate.overruled,
        rate=rate.rate,
        at=now,
    )


def _measure(window: Window) -> None:
    """For the operators' dashboard. Whose rate it is stands in the log line alone: a dimension costs by its values."""
    whose = {"tenant": window.tenant, "mode": window.mode.value}
    for rate in rules.rates(window):
        count(metrics.OVERRULE_RATE, {metrics.CHECK: rate.check}, 100 * rate.rate, MetricUnit.Percent, whose)
