"""The same request under the same Idempotency-Key."""

from datetime import timedelta

import pytest

from tests.support.requests import Reply
from tests.support.toy import Toy
from vitrine.kernel import tables
from vitrine.kernel.errors import Conflict, PaymentRequired
from vitrine.kernel.idempotency import RUNNING_FOR, Idempotency


def test_the_same_key_does_the_work_once_and_replays_its_answer(toy: Toy) -> None:
    first, second = toy.once(), toy.once()
    assert (first.status, first.text) == (second.status, second.text)
    assert second.headers["idempotent-replayed"] == "true"
    assert len(toy.made) == 1


def test_an_answer_that_expires_is_made_again_with_the_same_ids(toy: Toy) -> None:
    first, second = toy.once(path="/passing"), toy.once(path="/passing")
    assert first.json()["id"] == second.json()["id"]
    assert len(toy.made) == 2
    assert toy.once(path="/passing", body={"name": "other"}).status == 422


def test_a_key_that_the_work_keeps_costs_no_request_more_and_does_the_work_once(toy: Toy) -> None:
    toy.send(path="/kept")
    before = tables.round_trips()
    assert toy.once(path="/kept").json()["id"] == "made"
    assert tables.round_trips() - before == 2, "who calls and how often; the work"
    again = toy.once(path="/kept")
    assert (again.status, again.json()["id"]) == (201, "as it is")
    assert toy.made == ["n", "n"]


def test_a_key_that_the_work_keeps_is_refused_to_another_request_which_does_nothing(toy: Toy) -> None:
    toy.once(path="/kept")
    assert toy.once(path="/kept", body={"name": "other"}).status == 422
    assert toy.once(body={"name": "n"}).status == 422, "of another route"
    assert toy.made == ["n"]


def test_where_there_is_nothing_to_do_the_key_is_kept_all_the_same(toy: Toy) -> None:
    assert [toy.once(path="/kept", body={"name": "nothing"}).status for _ in range(2)] == [201, 201]
    assert toy.once(path="/kept", body={"name": "other"}).status == 422


def test_a_key_that_the_work_keeps_is_free_after_a_refusal_and_after_24_hours(toy: Toy) -> None:
    def refuse() -> None:
        toy.before_work = lambda: None
        raise Conflict("not now")

    toy.before_work = refuse
    statuses = [toy.once(path="/kept", body={"name": name}).status for name in ("n", "corrected")]
    assert statuses == [409, 201]
    toy.now += timedelta(hours=24, seconds=1)
    assert toy.once(path="/kept", body={"name": "next day"}).status == 201


def test_keys_of_different_tenants_do_not_meet(toy: Toy) -> None:
    assert toy.once().text != toy.once(token="token-b").text


def test_the_same_key_with_another_body_is_refused(toy: Toy) -> None:
    toy.once()
    assert toy.once(body={"name": "other"}).status == 422
    assert len(toy.made) == 1


def test_a_first_try_that_still_runs_is_a_conflict(toy: Toy) -> None:
    replies: list[Reply] = []

    def meanwhile() -> None:
        toy.before_work = lambda: None
        replies.append(toy.once())

    toy.before_work = meanwhile
    assert toy.once().status == 201
    assert [reply.status for reply in replies] == [409]
    assert replies[0].json()["code"] == "in_progress"
    assert replies[0].headers["retry-after"] == "1"


def test_a_try_that_died_is_taken_over_with_the_same_ids(toy: Toy) -> None:
    def die() -> None:
        toy.after_work = lambda: None
        raise KeyboardInterrupt

    toy.after_work = die
    with pytest.raises(KeyboardInterrupt):
        toy.once()
    assert toy.once().status == 201
    assert toy.made[0] == toy.made[1]


def test_a_claim_whose_process_vanished_runs_out(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Idempotency, "complete", lambda *_: None)
    toy.once()
    assert toy.once().status == 409
    toy.now += RUNNING_FOR + timedelta(seconds=1)
    assert toy.once().status == 201
    assert toy.made[0] == toy.made[1]


def test_after_24_hours_the_key_is_new(toy: Toy) -> None:
    toy.once()
    toy.now += timedelta(hours=24, seconds=1)
    toy.once(body={"name": "other"})
    assert len(set(toy.made)) == 2


@pytest.mark.parametrize("refusal", [PaymentRequired("no credits"), Conflict("not now")])
def test_a_refused_request_leaves_its_key_free(toy: Toy, refusal: Exception) -> None:
    def refuse() -> None:
        toy.before_work = lambda: None
        raise refusal

    toy.before_work = refuse
    assert toy.once().status in (402, 409)
    assert toy.once(body={"name": "corrected"}).status == 201


def test_what_all_routes_share_costs_one_round_trip_and_two_more_with_a_key(toy: Toy) -> None:
    toy.send()
    before = tables.round_trips()
    toy.send()
    plain = tables.round_trips() - before
    toy.once("another key")
    assert (plain, tables.round_trips() - before - plain) == (1, 3)


def test_a_public_route_knows_no_idempotency_key_since_keys_belong_to_a_tenant(toy: Toy) -> None:
    def greet(name: str) -> Reply:
        return toy.send(path="/open", token=None, body={"name": name}, headers={"Idempotency-Key": "k"})

    assert (greet("a").json()["name"], greet("b").json()["name"]) == ("a", "b")
