import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.config import Config
from PIL import Image

from functions.inference import serve, storage
from functions.inference.storage import ObjectStore, open_store
from functions.inference.tasks import Services
from tests.functions.inference.conftest import BUCKET
from tests.functions.inference.doubles import SCORES, PaintingEngine, glance
from tests.functions.inference.running import running
from tests.support.patience import PATIENCE_S, until
from vitrine.contracts.inference import Engine, Scores, StageResult

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Put = Callable[[str, bytes], str]


def judged(photo: bytes, picture: bytes, mask: bytes | None) -> Scores:
    return Scores(integrity=1.0, quality=0.5, parts={"sizes": float(len(photo) + len(picture) + len(mask or b""))})


def make_services(engine: PaintingEngine | None, store: ObjectStore | None = None) -> Services:
    return Services(
        store=store or open_store(),
        judge=judged,
        judged_by=Engine(name="judge", version="1"),
        look=glance,
        engine=engine,
    )


@pytest.fixture
def engine() -> PaintingEngine:
    return PaintingEngine()


@pytest.fixture
def client(aws: str, engine: PaintingEngine) -> Iterator[httpx.Client]:
    with running(serve.create_app(lambda: make_services(engine))) as client:
        until(lambda: client.get("/ping").status_code == 200)
        yield client


def at(key: str) -> dict[str, str]:
    return {"bucket": BUCKET, "key": key}


def a_deadline(seconds: float = PATIENCE_S) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def a_stage_request(photo_key: str, **changes: Any) -> dict[str, Any]:
    return {
        "task": "stage",
        "job_id": "job-1",
        "attempt": 1,
        "photo": at(photo_key),
        "output": at("staged/job-1/"),
        "deadline": a_deadline(),
        **changes,
    }


def test_a_photo_is_staged_and_picture_mask_and_layout_are_stored(
    client: httpx.Client, put: Put, s3: "S3Client", photo: bytes
) -> None:
    answer = client.post("/invocations", json=a_stage_request(put("room.jpg", photo), seed=7))
    result = StageResult.model_validate_json(answer.content)
    assert answer.status_code == 200
    assert result.picture is not None
    assert result.picture.key == "staged/job-1/attempt-1/picture.png"
    assert result.mask is not None
    assert result.layout is not None
    stored = s3.get_object(Bucket=BUCKET, Key=result.picture.key)
    assert stored["ContentType"] == "image/png"
    assert Image.open(io.BytesIO(stored["Body"].read())).size == (320, 240) == (result.width, result.height)
    assert Image.open(io.BytesIO(s3.get_object(Bucket=BUCKET, Key=result.mask.key)["Body"].read())).mode == "L"
    assert json.loads(s3.get_object(Bucket=BUCKET, Key=result.layout.key)["Body"].read())["pieces"] == []
    assert (result.engine.name, result.seed, result.scores) == ("painting", 7, SCORES)
    assert result.timings.keys() == {"paint", "read", "write"}


def test_the_engine_is_told_how_much_time_is_left(
    client: httpx.Client, engine: PaintingEngine, put: Put, photo: bytes
) -> None:
    request = a_stage_request(
        put("room.jpg", photo), deadline=a_deadline(30), ceiling_height_m=3.1, style="scandinavian"
    )
    client.post("/invocations", json=request)
    assert 25 < engine.asked[0].deadline_s <= 30
    assert engine.asked[0].ceiling_height_m == 3.1
    assert engine.asked[0].style == "scandinavian"


def test_a_second_attempt_leaves_the_first_ones_picture_alone(
    client: httpx.Client, put: Put, s3: "S3Client", photo: bytes
) -> None:
    key = put("room.jpg", photo)
    request = a_stage_request(key, output=at("twice/"))
    for attempt in (1, 2, 2):
        assert client.post("/invocations", json={**request, "attempt": attempt}).status_code == 200
    kept = {entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix="twice/")["Contents"]}
    names = ("picture.png", "mask.png", "layout.json")
    assert kept == {f"twice/attempt-{attempt}/{name}" for attempt in (1, 2) for name in names}


def test_a_refusal_is_an_answer_and_nothing_is_written(client: httpx.Client, put: Put, s3: "S3Client") -> None:
    answer = client.post("/invocations", json=a_stage_request(put("dark", b"dark:"), output=at("refused/")))
    assert answer.status_code == 200
    assert answer.json()["refusal"]["code"] == "too_dark"
    assert answer.json()["picture"] is None
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="refused/")


def test_a_photo_that_was_replaced_after_its_inspection_is_refused(
    client: httpx.Client, put: Put, photo: bytes, s3: "S3Client"
) -> None:
    key = put("replaced", photo)
    etag = s3.head_object(Bucket=BUCKET, Key=key)["ETag"].strip('"')
    same = client.post("/invocations", json=a_stage_request(key, photo={**at(key), "etag": etag}))
    assert same.json()["refusal"] is None
    other = client.post("/invocations", json=a_stage_request(key, photo={**at(key), "etag": "0" * 32}))
    assert other.status_code == 200
    assert other.json()["refusal"]["code"] == "unreadable_file"


@pytest.mark.parametrize(
    ("photo_bytes", "status", "code"),
    [(b"fail:", 500, "engine_failed"), (b"late:", 504, "deadline_passed"), (b"bug::", 500, "engine_failed")],
)
def test_what_may_succeed_later_is_an_http_error_that_says_nothing_of_the_inside(
    client: httpx.Client, put: Put, photo_bytes: bytes, status: int, code: str
) -> None:
    answer = client.post("/invocations", json=a_stage_request(put("bad", photo_bytes)))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text


def test_a_deadline_in_the_past_is_not_worked_on(
    client: httpx.Client, engine: PaintingEngine, put: Put, photo: bytes
) -> None:
    answer = client.post("/invocations", json=a_stage_request(put("room.jpg", photo), deadline=a_deadline(-1)))
    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_passed")
    assert engine.asked == []


@pytest.mark.parametrize("body", [b"", b"{}", b'{"task": "stage"}', b"not json", b"[" * 5000, b'{"task": "paint"}'])
def test_a_body_that_is_no_request_is_refused_as_invalid(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/invocations", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_an_invalid_request_is_told_where_but_its_values_are_not_repeated(client: httpx.Client) -> None:
    answer = client.post("/invocations", json=a_stage_request("room.jpg", style="s3cr3t"))
    assert "style" in answer.json()["message"]
    assert "s3cr3t" not in answer.text


def test_a_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    answer = client.post("/invocations", content=b" " * (serve.BODY_LIMIT + 1))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert str(serve.BODY_LIMIT) in answer.json()["message"]


def test_an_output_that_is_no_prefix_is_refused(client: httpx.Client, put: Put, photo: bytes) -> None:
    answer = client.post("/invocations", json=a_stage_request(put("room.jpg", photo), output=at("staged")))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_photo_that_is_not_there_is_an_invalid_request(client: httpx.Client, s3: "S3Client") -> None:
    answer = client.post("/invocations", json=a_stage_request("nowhere.jpg"))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_photo_larger_than_any_upload_is_an_invalid_request(
    client: httpx.Client, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.inference.tasks.PHOTO_LIMIT", 3)
    answer = client.post("/invocations", json=a_stage_request(put("four-bytes", b"1234")))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_storage_that_does_not_answer_is_reported_as_such(engine: PaintingEngine, aws: str) -> None:
    nobody = boto3.client("s3", endpoint_url="http://127.0.0.1:9", config=Config(retries={"total_max_attempts": 1}))
    with running(serve.create_app(lambda: make_services(engine, storage.ObjectStore(nobody)))) as client:
        until(lambda: client.get("/ping").status_code == 200)
        answer = client.post("/invocations", json=a_stage_request("room.jpg"))
    assert (answer.status_code, answer.json()["code"]) == (502, "storage_failed")
    assert "127.0.0.1" not in answer.text


def test_a_bucket_that_refuses_writes_is_a_storage_failure(
    client: httpx.Client, put: Put, photo: bytes, s3: "S3Client"
) -> None:
    request = a_stage_request(put("room.jpg", photo), output={"bucket": "no-such-bucket", "key": "out/"})
    answer = client.post("/invocations", json=request)
    assert (answer.status_code, answer.json()["code"]) == (502, "storage_failed")


def test_a_picture_is_judged_against_its_photo(client: httpx.Client, put: Put) -> None:
    request = {
        "task": "qc",
        "job_id": "job-2",
        "photo": at(put("photo", b"123")),
        "picture": at(put("picture", b"4567")),
        "mask": at(put("mask", b"89")),
        "deadline": a_deadline(),
    }
    answer = client.post("/invocations", json=request)
    assert answer.status_code == 200
    assert answer.json()["scores"]["parts"] == {"sizes": 9.0}
    assert client.post("/invocations", json={**request, "mask": None}).json()["scores"]["parts"] == {"sizes": 7.0}


def test_a_worker_without_an_engine_judges_and_does_not_stage(aws: str, put: Put, photo: bytes) -> None:
    with running(serve.create_app(lambda: make_services(None))) as client:
        until(lambda: client.get("/ping").status_code == 200)
        answer = client.post("/invocations", json=a_stage_request(put("room.jpg", photo)))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_ping_answers_503_until_the_engine_is_ready_and_work_is_turned_away(aws: str) -> None:
    opened = threading.Event()

    def open_slowly() -> Services:
        opened.wait(PATIENCE_S)
        return make_services(PaintingEngine())

    with running(serve.create_app(open_slowly)) as client:
        assert client.get("/ping").status_code == 503
        answer = client.post("/invocations", json=a_stage_request("room.jpg"))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        opened.set()
        until(lambda: client.get("/ping").status_code == 200)


def test_an_engine_that_does_not_start_is_reported_to_who_runs_the_app() -> None:
    broken = threading.Event()

    def cannot_open() -> Services:
        raise RuntimeError

    with running(serve.create_app(cannot_open, broken.set)) as client:
        assert broken.wait(PATIENCE_S)
        assert client.get("/ping").status_code == 503


def test_one_photo_at_a_time_a_few_wait_and_more_are_turned_away(
    client: httpx.Client, engine: PaintingEngine, put: Put, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    request = a_stage_request(put("wait", b"wait:" + str(go).encode()))
    answers: list[httpx.Response] = []
    senders = [
        threading.Thread(target=lambda: answers.append(client.post("/invocations", json=request)))
        for _ in range(serve.WAITING + 3)
    ]
    for sender in senders:
        sender.start()
    until(lambda: len(answers) == 2 and len(engine.asked) == 1)
    assert client.get("/ping").status_code == 200
    qc = {
        "task": "qc",
        "job_id": "j",
        "photo": at(put("a", b"1")),
        "picture": at(put("b", b"2")),
        "deadline": a_deadline(),
    }
    assert client.post("/invocations", json=qc).status_code == 200
    assert len(engine.asked) == 1
    go.touch()
    for sender in senders:
        sender.join(PATIENCE_S)
    assert sorted(answer.status_code for answer in answers) == [200] * (serve.WAITING + 1) + [503, 503]


def test_one_log_line_tells_ids_and_outcome_and_no_body(
    client: httpx.Client, put: Put, photo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="vitrine.inference"):
        request = a_stage_request(put("planted-secret.jpg", photo))
        client.post("/invocations", json=request, headers={serve.INFERENCE_ID: "inference-9"})
    lines = [record for record in caplog.records if record.getMessage() == "invocation"]
    assert len(lines) == 1
    fields = lines[0].__dict__["fields"]
    assert (fields["inference_id"], fields["job_id"], fields["outcome"]) == ("inference-9", "job-1", "done")
    assert "planted-secret" not in json.dumps([record.__dict__.get("fields") for record in caplog.records])
