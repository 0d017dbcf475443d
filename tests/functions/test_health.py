"""What the sweep finds out, and what the public is told of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.reactions import publish_changes, sweep_deadlines
from functions.realstaging_api import images
from functions.stagecraft_api import health as public
from tests.support.builders import any_job
from tests.support.issuer import issuer
from tests.support.requests import CONTEXT, Reply, send
from tests.support.work import at_once
from tests.support.work_events import an_asset, inspected, queued, stream_records
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobError, JobKind
from vitrine.kernel import clients, operations, tables
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import InferenceEndpoint
from vitrine.kernel.health import EndpointState, Tally
from vitrine.kinds_of_work import KINDS
from vitrine.staging import failures, health
from vitrine.work import start, tally


@pytest.fixture
def endpoint_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """What the control plane says: a status, or an error that it raises."""

    class ControlPlane:
        said: Any = "InService"

        def describe_endpoint(self, *, EndpointName: str) -> dict[str, str]:  # noqa: N803 - SageMaker's spelling
            if isinstance(self.said, Exception):
                raise self.said
            return {"EndpointName": EndpointName, "EndpointStatus": self.said}

    plane = ControlPlane()
    monkeypatch.setattr(clients, "sagemaker", lambda: plane)
    return lambda said: setattr(plane, "said", said)


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "DescribeEndpoint")


def asked() -> Reply:
    return send(public.handler, "GET", "/api/health")


def ended(seconds: float, error: str | None = None) -> Job:
    """A job that was worked on for so long, and whose events came by the stream."""
    now = utc_now()
    job = any_job(asset_id=None, created_at=now - timedelta(hours=3))
    tables.commit(*jobs.queueing(job))
    jobs.change(job.tenant, job.id, lambda job: job_rules.start(job, now - timedelta(seconds=seconds)))
    if error:
        failure = JobError(code=error, message="")
        return jobs.change(job.tenant, job.id, lambda job: job_rules.fail(job, failure, now))
    return jobs.change(job.tenant, job.id, lambda job: job_rules.complete(job, {}, now))


def test_before_anything_was_found_out_nobody_claims_to_be_healthy() -> None:
    answer = asked()
    assert answer.status == 200
    assert (answer.json()["status"], answer.json()["ai_service_status"]) == ("degraded", "unknown")
    assert answer.json()["processing_queue_length"] is None


def test_the_public_is_told_what_the_sweep_found_in_one_read(endpoint_is: Callable[[Any], None]) -> None:
    ended(20)
    ended(24)
    ended(5, error=failures.FAILED.code)
    ended(1, error="not_an_interior")
    publish_changes.handler(stream_records("jobs"), CONTEXT)
    sweep_deadlines.handler({}, CONTEXT)
    before = tables.round_trips()
    answer = asked()
    assert tables.round_trips() - before == 1
    found = answer.json()
    assert found["as_of"]
    assert {key: found[key] for key in found if key != "as_of"} == {
        "status": "healthy",
        "ai_service_status": "operational",
        "processing_queue_length": 0,
        "average_processing_time_ms": 22_000,
        "jobs_waiting": 0,
        "jobs_at_work": 0,
        "success_rate_24h": 0.5,
        "message": None,
    }
    assert answer.headers["cache-control"] == "public, max-age=5"


def test_jobs_at_work_and_waiting_are_counted(endpoint_is: Callable[[Any], None]) -> None:
    states = boto3.client("stepfunctions")
    role, definition = "arn:aws:iam::123456789012:role/any", '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'
    states.create_state_machine(name="staging", definition=definition, roleArn=role)
    asset = an_asset("ten_a")
    inspected(asset)
    outcomes = [start.begin("ten_a", queued(asset)[0].id, at_once(1), utc_now()) for _ in range(3)]
    assert outcomes == ["started", "waits for a slot", "waits for a slot"]
    health.measure(InferenceEndpoint.load(), utc_now())
    found = asked().json()
    assert (found["jobs_at_work"], found["jobs_waiting"], found["processing_queue_length"]) == (1, 2, 3)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("InService", EndpointState.IN_SERVICE),
        ("Updating", EndpointState.IN_SERVICE),
        ("Creating", EndpointState.STARTING),
        ("Failed", EndpointState.OUT_OF_SERVICE),
        (refused("ValidationException"), EndpointState.OUT_OF_SERVICE),
        (refused("ThrottlingException"), EndpointState.UNKNOWN),
        (EndpointConnectionError(endpoint_url="http://nowhere"), EndpointState.OUT_OF_SERVICE),
    ],
)
def test_the_endpoints_state_is_what_its_control_plane_says(
    endpoint_is: Callable[[Any], None], said: Any, state: EndpointState
) -> None:
    endpoint_is(said)
    assert health.state_of(InferenceEndpoint.load()) is state


def test_an_endpoint_that_is_gone_makes_the_service_unavailable(endpoint_is: Callable[[Any], None]) -> None:
    endpoint_is("Failed")
    sweep_deadlines.handler({}, CONTEXT)
    found = asked().json()
    assert (found["status"], found["ai_service_status"]) == ("unavailable", "unavailable")


def test_cancelled_jobs_and_batches_count_nowhere() -> None:
    job = any_job(asset_id=None)
    cancelled = job_rules.event_of(job_rules.cancel(job, utc_now()))
    batch = job_rules.event_of(job_rules.complete(job, {}, utc_now())).model_copy(update={"kind": JobKind.BATCH})
    assert (tally.of(cancelled, KINDS), tally.of(batch, KINDS)) == (Tally(), Tally())


def test_numbers_that_cannot_be_kept_hold_up_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    ended(20)

    def fail(*_: Any) -> None:
        raise refused("ProvisionedThroughputExceededException")

    monkeypatch.setattr(operations, "count", fail)
    assert publish_changes.handler(stream_records("jobs"), CONTEXT) == {"batchItemFailures": []}


def test_during_maintenance_no_image_is_taken_and_images_are_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    operations.begin_maintenance("Back at noon.", utc_now())
    monkeypatch.setattr(images.api, "_check_maintenance", operations.maintenance_check())  # one that has not looked yet
    token = issuer().token("anna")
    answer = send(images.handler, "POST", "/api/v1/images", body={}, token=token)
    assert (answer.status, answer.json()["code"], answer.json()["detail"]) == (503, "maintenance_mode", "Back at noon.")
    assert answer.headers["retry-after"] == "120"
    assert asked().json()["status"] == "maintenance"
    assert asked().json()["message"] == "Back at noon."
    missing = send(images.handler, "GET", "/api/v1/images/img_unknown", token=token)
    assert missing.status == 404
