"""Sessions find or make their vehicle: one for a VIN or stock number, whatever comes at once, and none merged."""

from datetime import timedelta

import pytest

from tests.support.captures import ORG, TENANT, a_person, calling, opened, uuid
from tests.support.clock import NOW
from tests.support.crowd import at_once
from vitrine.capture import service
from vitrine.capture.models import SessionChange, SessionStatus
from vitrine.capture.opening import open_session
from vitrine.capture.vehicles import store as vehicles
from vitrine.kernel import tables
from vitrine.kernel.errors import BadRequest, Forbidden, NotFound
from vitrine.kernel.principal import Principal

VIN, OTHER_VIN = "WVGZZZ5NZEW069297", "WF0KXXGCBKBJ13223"


def closing(session_id: str, status: str, who: Principal | None = None, **said: object) -> service.Captured:
    change = SessionChange.model_validate({"status": status, **said})
    return service.change(calling(who, NOW + timedelta(minutes=1)), session_id, change)


def test_sessions_that_come_at_once_make_one_vehicle_for_each_vin() -> None:
    """2 VINs, each asked for by 12 at once; moto's transactions copy the table. `tests.bench.sessions` does 1,000."""
    vins = [f"WVGZZZ5NZEW{number:06}" for number in range(2)]
    made = at_once(lambda number: opened(vins[number // 12]), 24)
    by_vin = {session.vehicle.vin: session.vehicle.id for session in made}
    assert {session.vehicle.id for session in made} == set(by_vin.values())
    assert len(set(by_vin.values())) == len(by_vin) == 2
    assert len({session.id for session in made}) == 24


def test_a_session_costs_two_requests_whether_its_vehicle_is_known_or_not() -> None:
    for _ in range(2):
        before = tables.round_trips()
        opened(VIN, "STK-001")
        assert tables.round_trips() - before == 2


def test_another_spelling_is_the_same_vehicle() -> None:
    assert opened(VIN).vehicle.id == opened(" wvgzzz5nz ew069297").vehicle.id
    assert opened(stock="stk 1").vehicle.id == opened(stock=" STK  1 ").vehicle.id


def test_a_known_vin_takes_another_stock_number_and_keeps_its_history() -> None:
    first, second = opened(VIN, "A1"), opened(VIN, "B2")
    assert first.vehicle.id == second.vehicle.id == opened(stock="A1").vehicle.id == opened(stock="B2").vehicle.id
    assert (first.vehicle.stock, second.vehicle.stock) == ("A1", "B2")
    assert vehicles.stocks_of(TENANT, first.vehicle.id) == {"A1", "B2"}


def test_a_vehicle_known_by_its_stock_number_takes_the_vin() -> None:
    known = opened(stock="A1")
    assert opened(VIN, "A1").vehicle.id == known.vehicle.id == opened(VIN).vehicle.id
    assert opened(stock="A1").vehicle.vin == VIN


@pytest.mark.parametrize("known_by_vin", [True, False])
def test_a_stock_number_of_another_vehicle_is_a_conflict_that_is_named_and_merges_nothing(known_by_vin: bool) -> None:
    mine = opened(VIN, "A1")
    other = opened(OTHER_VIN) if known_by_vin else None
    with pytest.raises(BadRequest) as refused:
        opened(OTHER_VIN, "A1")
    assert refused.value.code == "vehicle_conflict"
    assert refused.value.data["vehicle"] == {"id": mine.vehicle.id, "vin": VIN, "stock": "A1"}
    again = opened(OTHER_VIN).vehicle
    assert again.id != mine.vehicle.id
    assert other is None or again.id == other.vehicle.id
    assert vehicles.get(TENANT, mine.vehicle.id) == mine.vehicle


def test_two_vehicles_known_by_vin_and_by_stock_are_not_merged() -> None:
    opened(VIN), opened(stock="A1")
    with pytest.raises(BadRequest, match="belongs to another vehicle"):
        opened(VIN, "A1")


def test_a_short_number_from_before_1981_names_no_vehicle_alone() -> None:
    one, other = opened("12345", "A1"), opened("12345", "B2")
    assert one.vehicle.id != other.vehicle.id
    assert opened("12345", "A1").vehicle.id == one.vehicle.id


def test_stock_numbers_cannot_reach_into_other_keys() -> None:
    assert opened(stock="A#1").vehicle.id == opened(stock="A#1").vehicle.id != opened(stock="A%231").vehicle.id
    for wrong in ("a\u0000b", "  "):
        with pytest.raises(BadRequest):
            opened(stock=wrong)


def test_another_organisation_has_vehicles_of_its_own() -> None:
    stranger = Principal("ten_other", uuid(5), role="device", org_id=ORG)
    assert opened(VIN).vehicle.id != opened(VIN, call=calling(stranger)).vehicle.id


def test_a_repeat_with_the_same_ids_is_the_same_session() -> None:
    from vitrine.capture.models import NewSession
    from vitrine.kernel.call import Call
    from vitrine.kernel.ids import Ids

    asked = NewSession.model_validate({"site_id": uuid(2), "vehicle": {"vin": VIN}, "mode": "walk360"})
    made = [
        open_session(Call(calling().principal, NOW, Ids.seeded(NOW, "seed"), "request"), asked, "Main Studio")
        for _ in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize(("frames", "warned"), [(24, False), (36, False), (144, False), (12, True), (20, True)])
def test_frame_counts_that_divide_the_circle(frames: int, warned: bool) -> None:
    session = opened(shot_list={"studio360": {"frame_count": frames}})
    assert [warning.code for warning in session.warnings] == (["few_frames"] if warned else [])


def test_other_frame_counts_are_refused_and_24_is_the_default() -> None:
    with pytest.raises(BadRequest) as refused:
        opened(shot_list={"studio360": {"frame_count": 25}})
    assert refused.value.data["field"] == "shot_list.studio360.frame_count"
    assert opened().shot_list.studio360 is not None
    assert opened(mode="walk360").shot_list.walk360 is not None


def test_a_status_is_changed_once_and_a_repeat_changes_nothing() -> None:
    session = opened()
    at = NOW + timedelta(seconds=30)
    done = closing(session.id, "complete", completed_at=at.isoformat()).session
    assert (done.status, done.completed_at) == (SessionStatus.COMPLETE, at)
    assert closing(session.id, "complete").session == done
    for status in ("active", "abandoned", "failed"):
        with pytest.raises(BadRequest) as refused:
            closing(session.id, status)
        assert refused.value.code == "invalid_transition"


@pytest.mark.parametrize("minutes", [-1, 7])
def test_a_completion_before_the_start_or_far_ahead_is_refused(minutes: int) -> None:
    session = opened()
    with pytest.raises(BadRequest) as refused:
        closing(session.id, "complete", completed_at=(NOW + timedelta(minutes=minutes)).isoformat())
    assert refused.value.data["field"] == "completed_at"


def test_sessions_of_other_sites_are_not_there_and_those_of_other_devices_are_not_changed() -> None:
    session = opened()
    with pytest.raises(NotFound):
        closing(session.id, "complete", a_person(sites=frozenset({uuid(77)})))
    with pytest.raises(Forbidden):
        closing(session.id, "complete", Principal(TENANT, uuid(10), role="device"))
    assert closing(session.id, "failed", a_person()).session.status is SessionStatus.FAILED
