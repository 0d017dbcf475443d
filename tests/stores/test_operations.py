"""Maintenance, tallies and the snapshot in the guard table."""

from datetime import datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.support.clock import NOW
from vitrine.kernel import operations, tables
from vitrine.kernel.errors import Unavailable
from vitrine.kernel.health import EndpointState, ServiceState, Snapshot, Tally


def a_snapshot(at: datetime = NOW) -> Snapshot:
    return Snapshot(
        as_of=at,
        jobs_waiting=3,
        jobs_at_work=5,
        last_minutes=Tally(),
        last_hour=Tally(completed=2, processing_ms=44_000),
        last_day=Tally(completed=9, refused=1),
        endpoint=EndpointState.IN_SERVICE,
    )


def test_nothing_is_known_before_anything_was_said() -> None:
    assert operations.health() == ServiceState()
    assert operations.health().average_ms is None


def test_all_that_is_known_costs_one_read() -> None:
    operations.keep(a_snapshot())
    said = operations.begin_maintenance("Back at noon.", NOW)
    before = tables.round_trips()
    assert operations.health() == ServiceState(maintenance=said, snapshot=a_snapshot())
    assert tables.round_trips() - before == 1
    assert operations.health().average_ms == 22_000


def test_work_is_turned_away_during_maintenance() -> None:
    check = operations.maintenance_check()
    operations.begin_maintenance("Back at noon.", NOW)
    with pytest.raises(Unavailable, match="Back at noon") as refusal:
        check(NOW)
    assert (refusal.value.code, refusal.value.headers["Retry-After"]) == ("maintenance_mode", "120")


def test_a_process_notices_the_switch_within_seconds_and_looks_no_more_often() -> None:
    check, before = operations.maintenance_check(), tables.round_trips()
    for second in range(5):
        check(NOW + timedelta(seconds=second))
    assert tables.round_trips() - before == 1
    operations.begin_maintenance("Back at noon.", NOW)
    with pytest.raises(Unavailable):
        check(NOW + operations.LOOK_EVERY)
    operations.end_maintenance()
    check(NOW + 2 * operations.LOOK_EVERY)


def test_a_look_that_fails_leaves_things_as_they_were_found_last(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def get_item(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem")

    check = operations.maintenance_check()
    operations.begin_maintenance("Back at noon.", NOW)
    with pytest.raises(Unavailable):
        check(NOW)
    with monkeypatch.context() as outage:
        outage.setattr(tables, "client", Silent)
        with pytest.raises(Unavailable):
            check(NOW + operations.LOOK_EVERY)
        operations.maintenance_check()(NOW)


def test_maintenance_may_be_ended_twice() -> None:
    operations.end_maintenance()
    operations.end_maintenance()


def test_what_ended_is_added_up_by_five_minutes() -> None:
    for minutes, ended in (
        (1, Tally(completed=2, processing_ms=30_000)),
        (2, Tally(completed=1, processing_ms=12_000)),
        (40, Tally(failed=1)),
        (600, Tally(refused=4)),
        (26 * 60, Tally(completed=100)),
    ):
        operations.count(NOW - timedelta(minutes=minutes), ended)
    operations.count(NOW, Tally())
    hour, day = operations.ended_since([NOW - timedelta(hours=1), NOW - timedelta(days=1)], NOW)
    assert hour == Tally(completed=3, processing_ms=42_000, failed=1)
    assert day == Tally(completed=3, processing_ms=42_000, failed=1, refused=4)
    assert (hour.average_ms, day.success_rate) == (14_000, 0.375)
