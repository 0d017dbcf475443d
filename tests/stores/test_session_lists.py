"""Lists of sessions: exact totals and pages under all filters, at any depth, for the same number of reads."""

import random
from datetime import timedelta
from unittest.mock import patch

import pytest

from tests.support.captures import TENANT, a_person, calling, opened, uuid
from tests.support.clock import NOW
from tests.support.crowd import at_once
from vitrine.capture import service
from vitrine.capture.listings import rules
from vitrine.capture.listings import service as listings
from vitrine.capture.listings.models import SessionQuery
from vitrine.capture.models import Session, SessionChange, SessionStatus
from vitrine.kernel import tables

SITES = [uuid(number) for number in (20, 21, 22)]
LATER = calling(a_person(), NOW + timedelta(hours=1))


def page(**asked: object) -> tuple[list[str], int]:
    found = listings.page(SessionQuery.model_validate({"tenant": TENANT, **asked}))
    return [session.id for session in found.sessions], found.total


def close(session: Session, status: SessionStatus) -> Session:
    return service.change(LATER, session.id, SessionChange(status=status)).session


def many(count: int) -> list[Session]:
    """The newest first; three sites, three vehicles, and a third of them complete, a few failed."""
    made = [
        opened(stock=f"S{k % 3}", site=SITES[k % 5 % 3], call=calling(at=NOW + timedelta(milliseconds=k)))
        for k in range(count)
    ]
    for number, session in enumerate(made):
        if number % 3 == 0:
            made[number] = close(session, SessionStatus.FAILED if number % 9 == 0 else SessionStatus.COMPLETE)
    return made[::-1]


def expected(sessions: list[Session], asked: dict[str, object]) -> list[str]:
    sites, status, vehicle = (asked.get(name) for name in ("sites", "status", "vehicle_id"))
    return [
        session.id
        for session in sessions
        if (sites is None or session.site_id in sites)  # type: ignore[operator]
        and status in (None, session.status)
        and vehicle in (None, session.vehicle.id)
    ]


@pytest.mark.parametrize("span", [1, 4, 500])
def test_every_page_of_every_filter_is_that_of_a_list_in_memory(span: int) -> None:
    with patch.object(rules, "SPAN", span):
        sessions = many(24)
        chance = random.Random(3)
        for _ in range(40):
            asked: dict[str, object] = {"limit": chance.choice([1, 5, 50]), "offset": chance.randrange(0, 26)}
            asked["sites"] = chance.choice([None, frozenset(SITES[:1]), frozenset(SITES[:2]), frozenset(SITES)])
            asked["status"] = chance.choice([None, *SessionStatus])
            asked["vehicle_id"] = chance.choice([None, None, sessions[0].vehicle.id])
            wanted, offset = expected(sessions, asked), int(str(asked["offset"]))
            assert page(**asked) == (wanted[offset:][: int(str(asked["limit"]))], len(wanted)), asked


def test_a_page_costs_three_requests_at_any_depth() -> None:
    with patch.object(rules, "SPAN", 5):
        many(12)
        for offset in (0, 5, 11):
            before = tables.round_trips()
            page(sites=frozenset(SITES[:1]), offset=min(offset, 3))
            page(offset=offset)
            assert tables.round_trips() - before <= 6


def test_totals_are_exact_after_everything_came_at_once() -> None:
    made = at_once(lambda number: opened(site=SITES[number % 3]), 30)
    at_once(lambda number: close(made[number], SessionStatus.COMPLETE), 15)
    at_once(lambda number: close(made[number], SessionStatus.COMPLETE), 15)
    assert page(limit=100)[1] == 30
    assert page(status="complete")[1] == page(status="active")[1] == 15
    assert [page(sites=frozenset({site}))[1] for site in SITES] == [10, 10, 10]


def test_who_may_see_no_site_sees_nothing() -> None:
    opened(site=SITES[0])
    assert page(sites=frozenset()) == page(sites=frozenset({uuid(99)})) == ([], 0)
    assert page(tenant="ten_other") == ([], 0)
