"""What other thresholds would have made of past sets, over HTTP."""

from datetime import timedelta
from typing import Any

import boto3
import pytest

from functions.imaging360_api import thresholds
from tests.functions.test_imaging360_thresholds import Desk
from tests.support.dealer import Dealer
from tests.support.measured import MEDIA, judged_set
from tests.support.requests import Reply, send
from vitrine.capture import rules, store
from vitrine.capture.frames.keys import measured_key
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now
from vitrine.set_qc.models import Mode

LOOSER = {"sharpness": {"warn": 0.8, "fail": 0.7}}
STRICTER = {"ev": {"warn": 0.1, "fail": 0.4}}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def ask(desk: Desk, values: Any = None, query: dict[str, str] | None = None, token: str = "", **said: Any) -> Reply:
    body = {"mode": "studio360", **({"values": values} if values else {}), **said}
    path = "/v1/thresholds/what-if"
    return send(thresholds.handler, "POST", path, token=token or desk.admin, body=body, query=query or {})


def nonzero(counts: Any) -> dict[str, int]:
    return {name: number for name, number in counts.items() if number}


def test_it_says_which_overrules_would_have_been_avoided(desk: Desk) -> None:
    passed = judged_set(desk.dealer, blurred=True, said={5: True})
    again = judged_set(desk.dealer, blurred=True, said={5: False})
    unsaid = judged_set(desk.dealer, blurred=True)
    judged_set(desk.dealer)
    found = ask(desk, LOOSER).json()
    totals = found["totals"]
    assert (totals["read"], totals["judged"], found["next_cursor"]) == (4, 4, None)
    expected = {"failed": 3, "no_longer_failed": 3, "overruled": 1, "overrules_avoided": 1, "reshoots_missed": 1}
    assert nonzero(totals["frame_checks"]["sharpness"]) == nonzero(totals["frames"]) == expected
    # People's words hold: one set is complete already, one stays failed.
    statuses = {each["session_id"]: (each["status_before"], each["status_after"]) for each in found["changed"]}
    assert statuses == {
        passed.id: ("complete", "complete"),
        again.id: ("failed", "failed"),
        unsaid.id: ("failed", "complete"),
    }
    assert nonzero(totals["sets"]) == {"failed": 2, "no_longer_failed": 1}
    (frame,) = next(each for each in found["changed"] if each["session_id"] == passed.id)["frames"]
    assert (frame["image_id"], frame["let_pass"]) == (passed.frame(5), True)
    assert frame["checks"] == {"sharpness": {"before": "fail", "after": "warn"}}


def test_it_says_which_sound_frames_would_newly_fail(desk: Desk) -> None:
    judged_set(desk.dealer, ev=0.5, said={3: True})
    published = judged_set(desk.dealer, ev=0.5)
    session = store.get(desk.dealer.tenant, published.id)
    assert session is not None
    tables.commit(store.replace(rules.changed(session, utc_now(), published_version=session.set_version)))
    judged_set(desk.dealer, ev=0.5)
    totals = ask(desk, STRICTER).json()["totals"]
    assert nonzero(totals["frame_checks"]["exposure"]) == {"newly_failed": 3, "sound_newly_failed": 2}
    assert nonzero(totals["sets"]) == {"newly_failed": 2, "sound_newly_failed": 1}


def test_what_holds_now_changes_nothing_and_nothing_is_written(desk: Desk) -> None:
    judged_set(desk.dealer, blurred=True)
    scan = boto3.client("dynamodb").scan
    before = [scan(TableName=name)["Items"] for name in ("capture", "jobs")]
    assert ask(desk, {"tour_gain": 0.1}).json()["changed"] == []
    assert ask(desk, LOOSER).json()["changed"] != []
    assert [scan(TableName=name)["Items"] for name in ("capture", "jobs")] == before


def test_pages_go_back_in_time_and_their_totals_add_up(desk: Desk) -> None:
    for number in range(5):
        judged_set(desk.dealer, blurred=number != 2)
    sizes: list[Any] = []
    query: dict[str, Any] = {"limit": "2"}
    page: Any = None
    while page is None or page["next_cursor"]:
        more = {"cursor": page["next_cursor"]} if page else {}
        page = ask(desk, LOOSER, {**query, **more}).json()
        sizes.append((len(page["changed"]), page["totals"]["read"], page["totals"]["frames"]["no_longer_failed"]))
    assert sizes == [(2, 2, 2), (1, 4, 3), (1, 5, 4)]
    whole = ask(desk, LOOSER).json()["totals"]
    assert page["totals"] == whole
    cursor = ask(desk, LOOSER, query).json()["next_cursor"]
    assert ask(desk, STRICTER, {"cursor": cursor}).status == 400


def test_only_sets_of_the_site_the_mode_and_the_time_are_looked_at(desk: Desk) -> None:
    other, moment = desk.dealer.add_site(), utc_now()
    judged_set(desk.dealer, blurred=True, at=moment - timedelta(days=9))
    judged_set(desk.dealer, blurred=True, site_id=other)
    judged_set(desk.dealer, blurred=True, mode=Mode.WALK360)

    def looked_at(**said: Any) -> tuple[int, int]:
        totals = ask(desk, LOOSER, **said).json()["totals"]
        return totals["judged"], totals["frames"]["no_longer_failed"]

    week_ago = (moment - timedelta(days=7)).isoformat()
    assert looked_at() == (2, 2)
    assert looked_at(mode="walk360") == (1, 1)
    assert looked_at(site_id=desk.site) == (1, 1)
    assert looked_at(opened_from=week_ago) == (1, 1)
    assert looked_at(opened_before=week_ago, site_id=desk.site) == (1, 1)
    assert looked_at(opened_before=week_ago, site_id=other) == (0, 0)


def test_a_site_with_its_own_thresholds_is_not_reached_by_the_organisations(desk: Desk) -> None:
    desk.set(site=desk.site, values={"ev": {"warn": 0.3, "fail": 0.8}})
    judged_set(desk.dealer, blurred=True)
    found = ask(desk, LOOSER).json()
    assert (found["changed"], found["totals"]["with_own_thresholds"]) == ([], 1)
    assert ask(desk, LOOSER, site_id=desk.site).json()["totals"]["frames"]["no_longer_failed"] == 1


def test_a_version_that_might_be_restored_can_be_tried(desk: Desk) -> None:
    desk.set(values=LOOSER)
    judged_set(desk.dealer, blurred=True)
    back = ask(desk, restore=0).json()["totals"]
    assert nonzero(back["frames"]) == {"newly_failed": 1}
    assert ask(desk, restore=1).json()["changed"] == []
    assert ask(desk, restore=2).status == 400


def test_sets_without_their_numbers_are_counted_as_such(desk: Desk) -> None:
    spin = judged_set(desk.dealer, blurred=True)
    boto3.client("s3").delete_object(Bucket=MEDIA, Key=measured_key(spin.tenant, spin.id, 1))
    totals = ask(desk, LOOSER).json()["totals"]
    assert (totals["judged"], totals["unreadable"], nonzero(totals["frames"])) == (1, 1, {})


def test_reviewers_try_thresholds_of_their_sites_alone(desk: Desk) -> None:
    judged_set(desk.dealer, blurred=True)
    mine = desk.dealer.user("reviewer", [desk.site])
    elsewhere = desk.dealer.user("reviewer", [desk.dealer.add_site()])
    assert ask(desk, LOOSER, token=mine, site_id=desk.site).json()["totals"]["judged"] == 1
    assert ask(desk, LOOSER, token=mine).json()["error"]["code"] == "ALL_SITES_NEEDED"
    assert ask(desk, LOOSER, token=elsewhere, site_id=desk.site).status == 404
    assert ask(desk, LOOSER, token=desk.dealer.user("operator")).status == 403
    assert ask(desk, LOOSER, token=Dealer.open().user(), site_id=desk.site).json()["totals"]["read"] == 0
