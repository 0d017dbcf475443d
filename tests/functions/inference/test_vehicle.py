"""The task `vehicle` over HTTP, with eyes that need no model."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from functions.inference import serve
from tests.functions.inference.conftest import BUCKET
from tests.functions.inference.doubles import PLATE
from tests.functions.inference.running import running
from tests.functions.inference.test_serve import Put, a_deadline, at, make_services
from tests.support.patience import until
from vitrine.contracts.inference import VEHICLE_ENGINE, FrameProblem, VehicleResult

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def client(aws: str) -> Iterator[httpx.Client]:
    """An endpoint without an engine, as `qc` is."""
    with running(serve.create_app(lambda: make_services(None))) as client:
        until(lambda: client.get("/ping").status_code == 200)
        yield client


def a_request(*keys: str, **changes: Any) -> dict[str, Any]:
    frames = [{"id": f"frame-{index}", "photo": at(key)} for index, key in enumerate(keys)]
    return {
        "task": "vehicle",
        "job_id": "job-1",
        "frames": frames,
        "output": at("masks/"),
        "deadline": a_deadline(),
        **changes,
    }


def asked(client: httpx.Client, request: dict[str, Any]) -> VehicleResult:
    answer = client.post("/invocations", json=request)
    assert answer.status_code == 200, answer.text
    return VehicleResult.model_validate_json(answer.content)


def test_every_frame_gets_its_mask_and_its_plates(client: httpx.Client, put: Put, s3: "S3Client") -> None:
    result = asked(client, a_request(*(put(f"{name}.jpg", b"a frame") for name in "abc")))
    assert (result.job_id, result.engine) == ("job-1", VEHICLE_ENGINE)
    assert [frame.id for frame in result.frames] == ["frame-0", "frame-1", "frame-2"]
    for frame in result.frames:
        assert (frame.problem, frame.area, frame.touches, frame.plates) == (None, 0.5, ("left", "top"), (PLATE,))
        assert frame.mask is not None
        assert frame.mask.key == f"masks/{frame.id}.png"
        stored = s3.get_object(Bucket=BUCKET, Key=frame.mask.key)
        assert stored["ETag"].strip('"') == frame.mask.etag
        assert Image.open(io.BytesIO(stored["Body"].read())).mode == "L"
    assert result.timings["mask"] == 0.75
    assert result.timings.keys() == {"mask", "read"}


def test_a_frame_that_cannot_be_seen_does_not_cost_the_others(client: httpx.Client, put: Put) -> None:
    request = a_request(put("good", b"a frame"), put("bad", b"bad::"), "nowhere", put("dull", b"none:"))
    request["frames"][0]["photo"]["etag"] = None
    request["frames"].append({"id": "other", "photo": {**at("good"), "etag": "0" * 32}})
    found = asked(client, request).frames
    assert [frame.problem for frame in found] == [
        None,
        FrameProblem.UNREADABLE,
        FrameProblem.MISSING,
        FrameProblem.NO_VEHICLE,
        FrameProblem.REPLACED,
    ]
    assert [frame.mask is None for frame in found] == [False, True, True, True, True]
    assert found[3].plates == (PLATE,)


def test_a_repeated_request_writes_the_same_objects_again(client: httpx.Client, put: Put, s3: "S3Client") -> None:
    request = a_request(put("once", b"a frame"), output=at("again/"))
    assert asked(client, request).frames == asked(client, request).frames
    assert len(s3.list_objects_v2(Bucket=BUCKET, Prefix="again/")["Contents"]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"output": at("no-folder")},
        {"frames": []},
        {"frames": [{"id": f"f{index}", "photo": at("x")} for index in range(25)]},
        {"frames": [{"id": "../../up", "photo": at("x")}]},
    ],
)
def test_what_no_set_asks_for_is_refused(client: httpx.Client, changes: dict[str, Any]) -> None:
    answer = client.post("/invocations", json=a_request("x", **changes))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_request_whose_time_is_up_is_not_worked_on(client: httpx.Client, put: Put, s3: "S3Client") -> None:
    answer = client.post("/invocations", json=a_request(put("x", b""), output=at("late/"), deadline=a_deadline(-1)))
    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_passed")
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="late/")


def test_what_breaks_inside_is_not_told(client: httpx.Client, put: Put) -> None:
    answer = client.post("/invocations", json=a_request(put("bug", b"bug::")))
    assert (answer.status_code, answer.json()["code"]) == (500, "engine_failed")
    assert "secret" not in answer.text


def test_a_vehicle_that_takes_long_holds_up_no_judgement(client: httpx.Client, put: Put, tmp_path: Path) -> None:
    signal = tmp_path / "go"
    waits = a_request(put("slow", b"wait:" + str(signal).encode()))
    answers: list[VehicleResult] = []
    thread = threading.Thread(target=lambda: answers.append(asked(client, waits)))
    thread.start()
    judging = {"task": "qc", "job_id": "job-2", "deadline": a_deadline()}
    judged = client.post("/invocations", json={**judging, "photo": at("slow"), "picture": at("slow")})
    assert (judged.status_code, answers) == (200, [])
    signal.touch()
    thread.join()
    assert answers[0].frames[0].problem is None


def test_logs_say_how_long_a_frame_took_and_nothing_of_its_plates(
    client: httpx.Client, put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "vitrine.inference"):
        asked(client, a_request(put("x", b"a frame")))
    lines = {record.message: getattr(record, "fields", {}) for record in caplog.records}
    assert lines["frame"].keys() == {"job_id", "frame", "seconds"}
    assert "corners" not in json.dumps(list(lines.values()), default=str)
