from datetime import timedelta

import pytest

from tests.support.clock import NOW
from vitrine.kernel.health import (
    EndpointState,
    EngineStatus,
    Maintenance,
    ServiceState,
    Snapshot,
    Status,
    Tally,
    engine_status,
    status,
)

NOTHING = Tally()


def found(endpoint: EndpointState = EndpointState.IN_SERVICE, recently: Tally = NOTHING, **age: float) -> Snapshot:
    return Snapshot(
        as_of=NOW - timedelta(**age),
        jobs_waiting=0,
        jobs_at_work=0,
        last_minutes=recently,
        last_hour=recently,
        last_day=recently,
        endpoint=endpoint,
    )


@pytest.mark.parametrize(
    ("snapshot", "engine", "overall"),
    [
        (found(), EngineStatus.OPERATIONAL, Status.HEALTHY),
        (None, EngineStatus.UNKNOWN, Status.DEGRADED),
        (found(minutes=6), EngineStatus.UNKNOWN, Status.DEGRADED),
        (found(EndpointState.OUT_OF_SERVICE), EngineStatus.UNAVAILABLE, Status.UNAVAILABLE),
        (found(EndpointState.STARTING), EngineStatus.UNAVAILABLE, Status.UNAVAILABLE),
        (found(EndpointState.UNKNOWN), EngineStatus.UNKNOWN, Status.DEGRADED),
        (found(EndpointState.UNKNOWN, Tally(completed=1)), EngineStatus.OPERATIONAL, Status.HEALTHY),
        (found(recently=Tally(completed=2, failed=3)), EngineStatus.DEGRADED, Status.DEGRADED),
        (found(recently=Tally(completed=9, failed=3)), EngineStatus.OPERATIONAL, Status.HEALTHY),
        (found(recently=Tally(failed=2)), EngineStatus.OPERATIONAL, Status.HEALTHY),
        (found(recently=Tally(refused=50)), EngineStatus.OPERATIONAL, Status.HEALTHY),
    ],
)
def test_health_is_what_was_found(snapshot: Snapshot | None, engine: EngineStatus, overall: Status) -> None:
    assert engine_status(snapshot, NOW) is engine
    assert status(ServiceState(snapshot=snapshot), NOW) is overall


def test_maintenance_comes_first() -> None:
    maintenance = Maintenance(message="Back at noon.", since=NOW)
    assert status(ServiceState(maintenance=maintenance, snapshot=found()), NOW) is Status.MAINTENANCE


def test_an_average_of_nothing_is_none() -> None:
    assert (Tally().average_ms, Tally(failed=1).average_ms, Tally().success_rate) == (None, None, None)
