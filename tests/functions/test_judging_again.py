"""A set that is judged again because other thresholds hold: the route, and the machine `set` behind it."""

import json
from typing import Any

import boto3
import pytest

from functions.imaging360_api import thresholds
from functions.pipeline import end_capture, judge_set, plan_set
from functions.reactions import judge_sets
from tests.functions.test_imaging360_thresholds import OURS, Desk
from tests.support.dealer import Dealer
from tests.support.measured import JudgedSet, judged_set
from tests.support.requests import CONTEXT, Reply, send
from vitrine.assets import originals
from vitrine.capture import rules, service, store
from vitrine.capture.judging import materials
from vitrine.capture.models import Review, SetStatus
from vitrine.capture.store import Captured
from vitrine.capture.telling import events
from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobState
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now
from vitrine.set_qc import relate

LOOSER = {"sharpness": {"warn": 0.8, "fail": 0.7}}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def judge(desk: Desk, session: str, token: str = "", key: str | None = None) -> Reply:
    headers = {"idempotency-key": key} if key else {}
    path = f"/v1/sessions/{session}/judge"
    return send(thresholds.handler, "POST", path, token=token or desk.admin, headers=headers)


def read(spin: JudgedSet) -> Captured:
    found = service.read(spin.tenant, spin.id)
    assert found is not None
    return found


def work(spin: JudgedSet, job_id: str) -> Any:
    """The machine `set` over a job; a chunk would be looked at by the endpoint."""
    plan = plan_set.handler({"tenant": spin.tenant, "job_id": job_id, "attempt": 1}, CONTEXT)
    assert plan["chunks"] == []
    return judge_set.handler(plan, CONTEXT)


def told(spin: JudgedSet) -> list[Any]:
    items = boto3.client("dynamodb").scan(TableName="capture")["Items"]
    return [item for item in items if item.get("type", {}).get("S") == "SetJudged"]


def test_other_thresholds_give_another_verdict_by_its_numbers_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    spin = judged_set(desk.dealer, blurred=True)
    first = read(spin).verdict
    desk.set(values=LOOSER)
    answer = judge(desk, spin.id, desk.dealer.user("reviewer"))
    said = answer.json()
    assert (answer.status, said["status"], said["judged_by"]) == (202, "judging", OURS.version)
    assert said["thresholds"] == "organisation-studio360-1"

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a picture or its features were read")

    for module, name in ((relate, "relate"), (materials, "features"), (materials, "views")):
        monkeypatch.setattr(module, name, never)
    work(spin, said["job_id"])
    found = read(spin)
    assert first is not None
    assert found.verdict is not None
    assert (first.status, found.verdict.status) == (SetStatus.FAILED, SetStatus.COMPLETE)
    assert (found.verdict.thresholds, found.verdict.set_version) == ("organisation-studio360-1", first.set_version)
    assert (found.session.set_status, found.session.set_job) == (SetStatus.COMPLETE, None)
    assert found.verdict.report_key != first.report_key
    assert b"organisation-studio360-1" in originals.read("media", found.verdict.report_key).body
    assert len(told(spin)) == 1


def test_a_set_is_judged_once_for_each_version(desk: Desk) -> None:
    spin = judged_set(desk.dealer, blurred=True)
    assert judge(desk, spin.id).json()["job_id"] is None
    desk.set(values=LOOSER)
    first = judge(desk, spin.id).json()
    assert judge(desk, spin.id).json() == first
    work(spin, first["job_id"])
    done = judge(desk, spin.id).json()
    assert (done["job_id"], done["status"], done["judged_by"]) == (None, "complete", done["thresholds"])
    desk.set(1, restore=0)
    back = judge(desk, spin.id).json()
    work(spin, back["job_id"])
    assert read(spin).session.set_status is SetStatus.FAILED


def test_a_key_that_did_its_work_judges_no_set_again(desk: Desk) -> None:
    spin = judged_set(desk.dealer, blurred=True)
    desk.set(values=LOOSER)
    work(spin, judge(desk, spin.id, key="one").json()["job_id"])
    desk.set(1, restore=0)
    repeated = judge(desk, spin.id, key="one").json()
    assert (repeated["job_id"], repeated["status"]) == (None, "complete")
    assert judge(desk, spin.id, key="two").json()["job_id"] is not None


def test_what_people_said_holds_over_a_new_verdict(desk: Desk) -> None:
    passed = judged_set(desk.dealer, blurred=True, said={5: True, 7: False})
    desk.set(values={"sharpness": {"warn": 0.9, "fail": 0.8}})
    work(passed, judge(desk, passed.id).json()["job_id"])
    verdict = read(passed).verdict
    assert verdict is not None
    assert verdict.reviews == {passed.frame(5): True, passed.frame(7): False}
    assert [item.id for item in verdict.reshoot] == [passed.frame(7)]


def test_a_verdict_is_by_the_thresholds_that_hold_when_it_is_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    spin = judged_set(desk.dealer, blurred=True)
    desk.set(values={"tour_gain": 0.2})
    job_id = judge(desk, spin.id).json()["job_id"]
    writes = jobs.change

    def meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(jobs, "change", writes)
        assert desk.set(1, values=LOOSER).status == 201
        return writes(*given, **named)

    plan = plan_set.handler({"tenant": spin.tenant, "job_id": job_id, "attempt": 1}, CONTEXT)
    monkeypatch.setattr(jobs, "change", meanwhile)
    judge_set.handler(plan, CONTEXT)
    verdict = read(spin).verdict
    assert verdict is not None
    assert (verdict.thresholds, verdict.status) == ("organisation-studio360-2", SetStatus.COMPLETE)
    assert len(told(spin)) == 1


def test_a_job_that_fails_leaves_the_verdict_that_there_was(desk: Desk) -> None:
    spin = judged_set(desk.dealer, blurred=True)
    desk.set(values=LOOSER)
    job_id = judge(desk, spin.id).json()["job_id"]
    end_capture.handler({"tenant": spin.tenant, "job_id": job_id, "failure": {"Error": "Lambda.Unknown"}}, CONTEXT)
    assert jobs.find(spin.tenant, job_id).state is JobState.ERROR
    event = jobs.events_after(spin.tenant, job_id, 0)[-1]
    failed = {"source": "vitrine.jobs", "detail-type": event.type.value, "detail": event.model_dump(mode="json")}
    judge_sets.handler(failed, CONTEXT)
    assert (read(spin).session.set_job, read(spin).session.set_status) == (None, SetStatus.FAILED)
    assert judge(desk, spin.id).json()["job_id"] not in (None, job_id)


def test_a_set_that_changed_since_is_looked_at_like_any_new_one(desk: Desk) -> None:
    spin = judged_set(desk.dealer)
    found = read(spin)
    review = Review(passed=False, reason="The door is open.", by=spin.id, at=utc_now())
    after = rules.image_changed(found.images[0], utc_now(), review=review)
    tables.commit(store.replace_image(after), store.set_changed(found.session))
    job_id = judge(desk, spin.id).json()["job_id"]
    plan = plan_set.handler({"tenant": spin.tenant, "job_id": job_id, "attempt": 1}, CONTEXT)
    assert sum(len(chunk["frames"]) for chunk in plan["chunks"]) == 12


def test_a_set_without_a_verdict_waits_for_its_frames_and_strangers_find_nothing(desk: Desk) -> None:
    from functions.imaging360_api import sessions

    asked = {"site_id": desk.site, "vehicle": {"stock": "A1"}, "mode": "studio360"}
    session = send(sessions.handler, "POST", "/v1/sessions", token=desk.admin, body=asked).json()["id"]
    answer = judge(desk, session)
    assert (answer.status, answer.json()["error"]["code"]) == (409, "SET_NOT_JUDGED")
    assert judge(desk, session, Dealer.open().user()).status == 404
    assert judge(desk, session, desk.dealer.user("reviewer", [desk.dealer.add_site()])).status == 404
    assert judge(desk, session, desk.dealer.user("operator")).status == 403


def test_the_verdicts_event_has_it_counted_with_what_people_said(desk: Desk) -> None:
    spin = judged_set(desk.dealer, blurred=True, said={5: True})
    desk.set(values={"tour_gain": 0.2})
    work(spin, judge(desk, spin.id).json()["job_id"])
    (item,) = told(spin)
    heard = {"source": events.SOURCE, "detail-type": "SetJudged", "detail": json.loads(item["body"]["S"])}
    for _ in range(2):
        judge_sets.handler(heard, CONTEXT)
    (rate,) = desk.read(desk.site).json()["overrules"]["checks"]
    assert (rate["check"], rate["overruled"], rate["rate"]) == ("sharpness", 1, 1)
