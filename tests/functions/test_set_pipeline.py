"""A set from its last frame to its verdict: what queues it, the machine `set`, and what happens meanwhile."""

from typing import Any

import boto3
import pytest

from functions.pipeline import end_capture, plan_set
from functions.reactions import judge_sets
from tests.support.captures import SESSION, TENANT
from tests.support.cloud import REGION
from tests.support.frames import announced, arrive, captured, image, judged, opened, queued, told, whole_turn
from tests.support.requests import CONTEXT
from tests.support.turntable import drawn
from vitrine.capture import places, rules, store
from vitrine.capture import service as capture
from vitrine.capture.frames import keys
from vitrine.capture.judging import queueing
from vitrine.capture.models import CaptureMode, Claim, SessionStatus, SetStatus, ShotList
from vitrine.capture.telling import events as capture_events
from vitrine.capture.telling.models import SessionChanged
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobState
from vitrine.jobs.rules import JobIsOver
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now


def heard(name: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {"source": capture_events.SOURCE, "detail-type": name, "detail": detail}


def last_told(name: str) -> dict[str, Any]:
    return heard(name, [detail for each, detail in told() if each == name][-1])


def completed() -> None:
    """The session is completed, as PATCH does it."""
    after = rules.close(captured().session, SessionStatus.COMPLETE, None, utc_now())
    tables.commit(store.replace(after))
    change = SessionChanged(
        tenant=TENANT, session_id=SESSION, version=after.version, status=after.status, at=after.updated_at
    )
    judge_sets.handler(heard("SessionChanged", change.model_dump(mode="json")), CONTEXT)


def stored(key: str) -> bytes:
    body: bytes = boto3.client("s3", region_name=REGION).get_object(Bucket="media", Key=key)["Body"].read()
    return body


def test_the_last_frame_of_a_turn_queues_one_verdict() -> None:
    last = whole_turn(without=[11])[11]
    assert captured().session.set_job is None
    arrive(last, drawn(11))
    session = captured().session
    assert (session.set_status, queued().state, queued().subject) == (SetStatus.JUDGING, JobState.QUEUED, SESSION)
    arrive(last, drawn(11))
    assert captured().session == session


def test_frames_of_a_turn_that_is_not_whole_wait_until_the_session_is_completed() -> None:
    whole_turn(without=[4])
    assert captured().session.set_status is SetStatus.OPEN
    completed()
    judged()
    found = captured()
    assert found.session.set_status is SetStatus.INCOMPLETE
    assert rules.missing_frames(found.session, found.images) == [4]


def test_a_verdict_ends_its_job_and_stands_with_the_session_its_frames_and_in_storage() -> None:
    frames = whole_turn()
    job = queued()
    outcome = judged()
    found = captured()
    assert (found.session.set_job, found.session.judged_version) == (None, 12)
    assert found.verdict is not None
    assert found.verdict.status is found.session.set_status
    assert outcome["status"] == found.session.set_status.value
    assert jobs.find(TENANT, job.id).state is JobState.READY
    assert set(found.checks) == {frame.id for frame in frames}
    assert set(found.checks[frames[0].id]) > {"sharpness"}
    assert set(image(frames[0].id).qc) >= set(found.checks[frames[0].id])
    assert stored(found.verdict.report_key).startswith(b"{")
    assert stored(keys.measured_key(TENANT, SESSION, 12)).startswith(b"{")
    assert [name for name, _ in told()].count("SetJudged") == 1


def test_a_verdict_that_is_given_again_changes_nothing() -> None:
    whole_turn()
    job = queued()
    first = judged(job)
    before = captured(), told()
    assert judged_again(job) == first
    assert (captured(), told()) == before
    with pytest.raises(JobIsOver):
        plan_set.handler({"tenant": TENANT, "job_id": job.id, "attempt": 1}, CONTEXT)


def judged_again(job: Any) -> dict[str, Any]:
    from functions.pipeline import judge_set

    return judge_set.handler({"tenant": TENANT, "job_id": job.id}, CONTEXT)


def test_a_set_whose_frames_changed_while_it_was_judged_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    whole_turn()
    first = queued()
    retake = announced(drawn(3, 13), 20, claim=Claim(frame=3))
    writes = jobs.change

    def meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(jobs, "change", writes)
        arrive(retake, drawn(3, 13))
        return writes(*given, **named)

    plan_set.handler({"tenant": TENANT, "job_id": first.id, "attempt": 1}, CONTEXT)
    monkeypatch.setattr(jobs, "change", meanwhile)
    judged_again(first)
    assert (captured().session.judged_version, captured().session.set_version) == (12, 13)
    judge_sets.handler(last_told("SetJudged"), CONTEXT)
    assert queued().id != first.id
    judged()
    assert captured().session.judged_version == 13
    judge_sets.handler(last_told("SetJudged"), CONTEXT)
    assert captured().session.set_job is None


def fails() -> str:
    """The verdict that is open ends with an error, and its set hears of it twice, as the bus may tell it."""
    job = queued()
    end_capture.handler({"tenant": TENANT, "job_id": job.id, "failure": {"Error": "Lambda.Unknown"}}, CONTEXT)
    ended = jobs.find(TENANT, job.id)
    assert ended.error is not None
    assert ended.error.code == "set_not_judged"
    for _ in range(2):
        judge_sets.handler(last_event(job.id), CONTEXT)
    return job.id


def last_event(job_id: str) -> dict[str, Any]:
    event = jobs.events_after(TENANT, job_id, 0)[-1]
    return {"source": "vitrine.jobs", "detail-type": event.type.value, "detail": event.model_dump(mode="json")}


def test_a_verdict_that_failed_is_tried_again_and_comes() -> None:
    whole_turn()
    failed = [fails() for _ in range(queueing.MOST_TRIES - 1)]
    assert captured().session.set_status is SetStatus.JUDGING
    assert queued().id not in failed
    judged()
    assert captured().session.judged_version == 12


def test_a_verdict_that_always_fails_waits_for_the_sets_next_change_with_as_many_tries() -> None:
    whole_turn()
    failed = [fails() for _ in range(queueing.MOST_TRIES)]
    assert len(set(failed)) == queueing.MOST_TRIES
    assert (captured().session.set_job, captured().session.set_status) == (None, SetStatus.OPEN)
    completed()
    failed.append(fails())
    assert queued().id not in failed


def test_a_verdict_that_an_operator_cancelled_is_not_tried_again() -> None:
    whole_turn()
    job = queued()
    jobs.change(TENANT, job.id, lambda job: jobs_rules.cancel(job, utc_now()))
    judge_sets.handler(last_event(job.id), CONTEXT)
    assert (captured().session.set_job, captured().session.set_status) == (None, SetStatus.OPEN)


def test_what_was_measured_between_the_same_frames_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from vitrine.set_qc import relate

    whole_turn()
    judged()
    session = captured().session
    tables.commit(store.set_changed(session))
    completed()

    def never(*_: Any) -> Any:
        raise AssertionError("related again")

    monkeypatch.setattr(relate, "relate", never)
    judged()
    assert captured().session.judged_version == 13


def test_stills_are_judged_one_by_one_and_wait_for_all_that_are_asked_for() -> None:
    opened(mode=CaptureMode.STILLS, shot_list=ShotList(stills=("front_3q", "dash")))
    bodies = {name: drawn(number) for number, name in enumerate(("front_3q", "dash"))}
    frames = {
        name: announced(body, number, claim=Claim(shot_name=name)) for number, (name, body) in enumerate(bodies.items())
    }
    arrive(frames["front_3q"], bodies["front_3q"])
    assert captured().session.set_job is None
    arrive(frames["dash"], bodies["dash"])
    judged()
    assert captured().session.set_status is SetStatus.COMPLETE


def test_pending_frames_that_never_came_block_no_set() -> None:
    whole_turn()
    announced(drawn(2, 14), 30, claim=Claim(frame=5))
    judged()
    found = captured()
    assert found.session.set_status is not SetStatus.INCOMPLETE
    arranged = places.arrange(found.session, found.images)
    assert next(each for each in arranged if each.position.frame == 5 and each.current).measures is not None


def test_another_organisations_session_is_not_judged() -> None:
    whole_turn()
    assert capture.read("ten_other", SESSION) is None
