"""The states that have the endpoint look at a set's frames, with an endpoint whose answers are known; on moto."""

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import cv2
import numpy as np
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from functions.pipeline import look_at_frames, plan_set
from tests.support import frames
from tests.support.captures import SESSION, TENANT
from tests.support.cloud import REGION
from tests.support.requests import CONTEXT
from vitrine.capture.frames import keys
from vitrine.capture.judging import looking, materials, queueing
from vitrine.capture.judging.models import AT_ONCE
from vitrine.capture.models import SessionStatus
from vitrine.contracts.inference import (
    VEHICLE_ENGINE,
    Box,
    Engine,
    FrameProblem,
    FrameToLookAt,
    SeenFrame,
    VehicleRequest,
    VehicleResult,
)
from vitrine.kernel import clients
from vitrine.kernel.clock import utc_now

See = Callable[[FrameToLookAt], SeenFrame]


class Eyes:
    """SageMaker Runtime in front of an endpoint that answers by `see` and stores a mask for what it sees."""

    def __init__(self, see: See) -> None:
        self.see = see
        self.asked: list[VehicleRequest] = []
        self.error: Exception | None = None

    def invoke_endpoint(self, **call: Any) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        request = VehicleRequest.model_validate_json(call["Body"])
        self.asked.append(request)
        found = tuple(self._masked(self.see(frame), request) for frame in request.frames)
        result = VehicleResult(job_id=request.job_id, engine=VEHICLE_ENGINE, timings={}, frames=found)
        return {"Body": io.BytesIO(result.model_dump_json().encode())}

    def _masked(self, seen: SeenFrame, request: VehicleRequest) -> SeenFrame:
        if seen.problem is not None:
            return seen
        where = request.output.model_copy(update={"key": f"{request.output.key}{seen.id}.png"})
        body = cv2.imencode(".png", np.full((240, 320), 255, np.uint8))[1].tobytes()
        boto3.client("s3", region_name=REGION).put_object(Bucket=where.bucket, Key=where.key, Body=body)
        return seen.model_copy(update={"mask": where})


def a_vehicle(frame: FrameToLookAt) -> SeenFrame:
    return SeenFrame(id=frame.id, box=Box(left=0, top=0, right=1, bottom=1), area=1.0, confidence=0.9)


@pytest.fixture
def eyes(monkeypatch: pytest.MonkeyPatch) -> Eyes:
    made = Eyes(a_vehicle)
    monkeypatch.setattr(clients, "patient_sagemaker_runtime", lambda: made)
    return made


def planned() -> list[dict[str, Any]]:
    given = {"tenant": TENANT, "job_id": frames.captured().session.set_job, "attempt": 1}
    chunks: list[dict[str, Any]] = json.loads(json.dumps(plan_set.handler(given, CONTEXT)))["chunks"]
    return chunks


def looked() -> list[int]:
    return [look_at_frames.handler(chunk, CONTEXT)["seen"] for chunk in planned()]


def to_look_at() -> set[str]:
    return {frame["id"] for chunk in planned() for frame in chunk["frames"]}


def test_every_frame_is_looked_at_once_in_requests_of_some_frames(eyes: Eyes) -> None:
    turn = frames.whole_turn()
    assert looked() == [AT_ONCE, 12 - AT_ONCE]
    assert {frame.id for request in eyes.asked for frame in request.frames} == {image.id for image in turn}
    assert planned() == []


def test_frames_that_come_while_the_endpoint_looks_are_looked_at_next_and_none_is_asked_for_twice() -> None:
    frames.opened(12, status=SessionStatus.COMPLETE)
    first = {frames.arrived(at, 12).id for at in range(6)}
    queueing.consider(TENANT, SESSION, utc_now())

    def next_round(given: dict[str, Any]) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads(json.dumps(plan_set.handler(given, CONTEXT)))
        return plan

    def asked_in(plan: dict[str, Any]) -> set[str]:
        return {frame["id"] for chunk in plan["chunks"] for frame in chunk["frames"]}

    plan = next_round({"tenant": TENANT, "job_id": frames.captured().session.set_job, "attempt": 1})
    assert (plan["looks"], asked_in(plan)) == (True, first)
    late = {frames.arrived(at, 12).id for at in range(6, 12)}
    # The endpoint was away, so nothing was seen of the first ones.
    plan = next_round(plan)
    assert (plan["looks"], asked_in(plan)) == (True, late)
    plan = next_round(plan)
    assert (plan["looks"], plan["chunks"], set(plan["asked"])) == (False, [], first | late)


def test_the_verdict_takes_the_views_and_their_masks(eyes: Eyes) -> None:
    frames.whole_turn()
    looked()
    session = frames.captured().session
    frames.judged()
    measured = materials.last_measured(frames.captured().session, "media")
    assert measured is not None
    assert len(measured.seen) == 12
    views, masks = materials.views(session, frames.captured().images, "media")
    assert views.keys() == masks.keys() == set(measured.seen)


def test_a_frame_on_which_nothing_stands_out_was_seen_and_one_that_could_not_be_read_was_not(eyes: Eyes) -> None:
    turn = frames.whole_turn()
    problems = {turn[0].id: FrameProblem.NO_VEHICLE, turn[1].id: FrameProblem.MISSING}
    eyes.see = lambda frame: (
        SeenFrame(id=frame.id, problem=problems[frame.id]) if frame.id in problems else a_vehicle(frame)
    )
    assert sum(looked()) == 11
    assert to_look_at() == {turn[1].id}


def test_a_newer_version_of_the_endpoint_looks_again(eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = frames.whole_turn()
    looked()
    monkeypatch.setattr(keys, "VEHICLE_ENGINE", Engine(name="vehicle", version="next"))
    assert to_look_at() == {image.id for image in turn}


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ModelError", "Message": "at work"}}, "InvokeEndpoint"),
        ClientError({"Error": {"Code": "ValidationError", "Message": "no such endpoint"}}, "InvokeEndpoint"),
        ReadTimeoutError(endpoint_url="http://127.0.0.1"),
    ],
)
def test_an_endpoint_that_gives_no_answer_is_an_error_by_name_and_nothing_is_kept(eyes: Eyes, error: Exception) -> None:
    frames.whole_turn()
    eyes.error = error
    with pytest.raises(looking.EndpointUnavailable):
        looked()
    assert len(to_look_at()) == 12


def test_the_endpoint_is_asked_for_the_very_originals_and_has_less_than_its_minute(eyes: Eyes) -> None:
    frames.whole_turn()
    looked()
    for request in eyes.asked:
        assert all(frame.photo.key.startswith("originals/org/") for frame in request.frames)
        assert request.output.key.startswith(f"capture/{TENANT}/{SESSION}/masks/")
