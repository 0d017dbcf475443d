"""What the engine tells of its progress, against S3 (moto)."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from functions.inference.progress import EVERY_S, ProgressNote
from functions.inference.storage import ObjectStore, StorageFailed, open_store
from tests.functions.inference.conftest import BUCKET
from vitrine.contracts.inference import Progress, StageRequest
from vitrine.contracts.message import ObjectLocation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def request_() -> StageRequest:
    """A request whose output nobody has written to."""
    return StageRequest(
        job_id="job-1",
        attempt=2,
        photo=ObjectLocation(bucket=BUCKET, key="room.jpg"),
        output=ObjectLocation(bucket=BUCKET, key=f"staged/{uuid4()}/"),
        deadline=datetime.now(UTC) + timedelta(minutes=1),
    )


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def stored(s3: "S3Client", request_: StageRequest) -> Progress:
    body = s3.get_object(Bucket=BUCKET, Key=f"{request_.output.key}attempt-2/progress.json")["Body"].read()
    return Progress.model_validate_json(body)


def tell(note: ProgressNote, clock: Clock, *shares: float) -> None:
    for share in shares:
        clock.now += EVERY_S
        note("render", share)


def test_what_the_engine_says_lies_beside_its_results(
    aws: str, s3: "S3Client", clock: Clock, request_: StageRequest
) -> None:
    tell(ProgressNote(open_store(), request_, clock), clock, 0.25, 0.5)
    assert stored(s3, request_) == Progress(step="render", share=0.5)


def test_it_is_told_every_few_seconds_and_not_with_every_step(
    aws: str, s3: "S3Client", clock: Clock, request_: StageRequest
) -> None:
    note = ProgressNote(open_store(), request_, clock)
    tell(note, clock, 0.25)
    note("render", 0.3)
    note("render", 0.4)
    assert stored(s3, request_).share == 0.25


def test_a_repeated_attempt_does_not_take_back_what_was_told(
    aws: str, s3: "S3Client", clock: Clock, request_: StageRequest
) -> None:
    tell(ProgressNote(open_store(), request_, clock), clock, 0.6)
    again = ProgressNote(open_store(), request_, clock)
    tell(again, clock, 0.1, 0.4)
    assert stored(s3, request_).share == 0.6
    tell(again, clock, 0.7)
    assert stored(s3, request_).share == 0.7


class Full(ObjectStore):
    def write(self, location: ObjectLocation, body: bytes, content_type: str) -> ObjectLocation:
        raise StorageFailed


def test_a_note_that_cannot_be_written_stops_nothing(
    aws: str, s3: "S3Client", clock: Clock, request_: StageRequest
) -> None:
    tell(ProgressNote(Full(s3), request_, clock), clock, 0.3, 0.6)
    with pytest.raises(s3.exceptions.NoSuchKey):
        stored(s3, request_)
