"""What happens to frames and sets is heard on the bus and by webhooks, once."""

import json
from typing import Any

import boto3
import pytest

from functions.reactions import publish_changes, tell_customers
from tests.functions.test_publish_changes import heard
from tests.support.builders import any_call
from tests.support.captures import SESSION, TENANT
from tests.support.frames import announced, arrive, opened
from tests.support.requests import CONTEXT
from tests.support.turntable import drawn
from tests.support.work_events import stream_records
from vitrine.capture.failures import NOT_JUDGED
from vitrine.capture.kinds import INSPECT
from vitrine.capture.models import ImageError, ImageStatus, SessionStatus, SetStatus
from vitrine.capture.telling import announcements, events
from vitrine.capture.telling.models import (
    Change,
    CheckOverruledOften,
    FrameInspected,
    FramePublished,
    FrameReviewed,
    SessionChanged,
    SetJudged,
    SetPublished,
)
from vitrine.engagement import service as engagement
from vitrine.jobs import rules as jobs_rules
from vitrine.kernel.clock import utc_now
from vitrine.set_qc.models import Mode
from vitrine.work.rules import new_job

NAMED: dict[str, Any] = {"tenant": TENANT, "session_id": SESSION}
JUDGED: dict[str, Any] = {
    "job_id": "job",
    "set_version": 24,
    "status": SetStatus.FAILED,
    "thresholds": "v1",
    "missing": 1,
    "reshoot": 2,
    "confidence": 0.5,
}


def all_changes() -> dict[str, Change]:
    """One of each, by what a customer hears of it."""
    at: dict[str, Any] = {**NAMED, "at": utc_now()}
    image: dict[str, Any] = {**at, "image_id": "img", "version": 2}
    error = ImageError(code="corrupt", message="m", remedy="r")
    return {
        "image.processed": FrameInspected(**image, status=ImageStatus.PROCESSED),
        "image.failed": FrameInspected(**image, status=ImageStatus.FAILED, error=error),
        "image.published": FramePublished(**image),
        "session.completed": SessionChanged(**at, version=3, status=SessionStatus.COMPLETE),
        "session.abandoned": SessionChanged(**at, version=3, status=SessionStatus.ABANDONED),
        "session.failed": SessionChanged(**at, version=3, status=SessionStatus.FAILED),
        "set.judged": SetJudged(**at, **JUDGED),
        "check.overruled_often": CheckOverruledOften(
            **at, site_id="site", mode=Mode.STUDIO360, check="sharpness", version=50, sets=50, overruled=11, rate=0.22
        ),
        "set.published": SetPublished(**at, job_id="job", set_version=24, frames=24),
    }


def event_of(change: Change) -> dict[str, Any]:
    entry = events.entry(change, "status")
    return {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}


def test_a_frame_that_was_inspected_is_heard_on_the_bus() -> None:
    listen = heard()
    opened()
    frame = announced(drawn(0))
    arrive(frame, drawn(0))
    assert publish_changes.handler(stream_records("capture"), CONTEXT) == {"batchItemFailures": []}
    ((message),) = listen()
    assert (message["source"], message["detail-type"]) == ("vitrine.capture", "FrameInspected")
    assert message["detail"]["image_id"] == frame.id


@pytest.mark.parametrize("name", all_changes())
def test_each_change_is_announced_in_the_surfaces_words_and_survives_the_bus(name: str) -> None:
    change = all_changes()[name]
    assert events.change_in(event_of(change)) == change
    said = announcements.of(change)
    assert said is not None
    assert (said.type, said.surface, said.tenant, said.data["session_id"]) == (name, "imaging360", TENANT, SESSION)
    assert "tenant" not in said.data


def test_a_review_and_an_opened_session_are_told_to_no_customer() -> None:
    reviewed = FrameReviewed(**NAMED, image_id="img", version=2, passed=True, at=utc_now())
    opened_now = SessionChanged(**NAMED, version=1, status=SessionStatus.ACTIVE, at=utc_now())
    assert [announcements.of(each) for each in (reviewed, opened_now)] == [None, None]


def test_a_set_that_could_not_be_judged_is_announced_by_its_job() -> None:
    job = new_job(INSPECT, "job", TENANT, utc_now(), subject=SESSION, input={})
    failed = jobs_rules.fail(job, NOT_JUDGED, utc_now())
    said = announcements.of_job(jobs_rules.event_of(failed), failed)
    assert said is not None
    assert (said.type, said.data["session_id"], said.data["error"]["code"]) == ("set.failed", SESSION, "set_not_judged")
    assert announcements.of_job(jobs_rules.event_of(job), job) is None


def test_a_webhook_hears_of_a_verdict_once_however_often_the_event_comes() -> None:
    states = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}})
    states.create_state_machine(name="webhook", definition=definition, roleArn="arn:aws:iam::123456789012:role/any")
    call = any_call(TENANT)
    hook = engagement.register(call, "imaging360", "https://hooks.example.com/", ("set.judged",), None, loopback=False)
    changes = all_changes()
    for name in ("set.judged", "set.judged", "image.processed"):
        tell_customers.handler(event_of(changes[name]), CONTEXT)
    (delivery,), _ = engagement.deliveries(call, "imaging360", hook.id, 10, None)
    assert json.loads(delivery.payload)["data"]["status"] == "failed"
