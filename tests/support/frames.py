"""A session whose frames were announced, and what S3 and the machines `frames` and `set` say and do; on moto."""

import copy
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from functions.pipeline import inspect_frame, judge_set, plan_set, record_frame
from tests.support.captures import SESSION, TENANT, any_frame, any_session
from tests.support.cloud import REGION
from tests.support.requests import CONTEXT
from tests.support.turntable import drawn
from vitrine.capture import service, store
from vitrine.capture.frames import keys, looking, rules
from vitrine.capture.frames.models import Inspection, Outcome
from vitrine.capture.judging import queueing
from vitrine.capture.models import Claim, Image, ImageStatus
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now
from vitrine.set_qc.models import Mode
from vitrine.set_qc.thresholds import DEFAULT

SAMPLE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "events/samples/s3_object_created.json").read_text())


def announced(body: bytes, number: int = 0, **changes: Any) -> Image:
    """An image whose URL was given out for these very bytes."""
    image = any_frame(
        number,
        content_sha256=hashlib.sha256(body).hexdigest(),
        **{"status": ImageStatus.PENDING, "claim": Claim(frame=number), **changes},
    )
    tables.commit(store.counting(any_session()), *store.insert_image(image))
    return image


def opened(frames: int = 12, **changes: Any) -> None:
    tables.commit(store.insert(any_session(frames, **changes)))


def put(image: Image, body: bytes) -> None:
    boto3.client("s3", region_name=REGION).put_object(
        Bucket="uploads", Key=image.storage_key, Body=body, ContentType="image/jpeg"
    )


def event_of(key: str) -> dict[str, Any]:
    said = copy.deepcopy(SAMPLE)
    said["detail"]["object"]["key"] = key
    return said


def inspect(image: Image) -> dict[str, Any]:
    """As the machine would hand it on: through JSON."""
    answer: dict[str, Any] = json.loads(json.dumps(inspect_frame.handler(event_of(image.storage_key), CONTEXT)))
    return answer


def arrive(image: Image, body: bytes) -> dict[str, Any]:
    """A PUT, and the machine `frames` over its event."""
    put(image, body)
    return record_frame.handler(inspect(image), CONTEXT)


def captured() -> store.Captured:
    found = service.read(TENANT, SESSION)
    assert found is not None
    return found


def image(image_id: str) -> Image:
    return next(each for each in captured().images if each.id == image_id)


def judged(job: Job | None = None) -> dict[str, Any]:
    """The machine `set` over the session's job, without the endpoint."""
    given = {"tenant": TENANT, "job_id": job.id if job else captured().session.set_job, "attempt": 1}
    plan = json.loads(json.dumps(plan_set.handler(given, CONTEXT)))
    return judge_set.handler(plan, CONTEXT)


def queued() -> Job:
    """The job that judges the session's set now."""
    job_id = captured().session.set_job
    assert job_id is not None
    return jobs.find(TENANT, job_id)


def told(session_id: str = SESSION) -> list[tuple[str, dict[str, Any]]]:
    """What was told of a session: type and detail of each change."""
    found = boto3.client("dynamodb", region_name=REGION).query(
        TableName="capture",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"{TENANT}#CHANGE#{session_id}"}},
    )["Items"]
    return [(item["type"]["S"], json.loads(item["body"]["S"])) for item in found]


@cache
def _seen(number: int, of: int) -> looking.Sight:
    """A drawn frame as its inspection sees it; measured once for a run of tests."""
    body = drawn(number, of)
    return looking.look(body, hashlib.sha256(body).hexdigest(), DEFAULT[Mode.STUDIO360])


def arrived(number: int, of: int = 12) -> Image:
    """A frame that was inspected and recorded before the test begins."""
    sight, frame = _seen(number, of), announced(drawn(number, of), number)
    key = keys.parse(frame.storage_key)
    assert key is not None
    boto3.client("s3", region_name=REGION).put_object(Bucket="media", Key=key.features, Body=sight.features)
    found = Inspection(
        key=str(key), outcome=Outcome.USABLE, etag="e", size=1, looked=sight.looked, features_key=key.features
    )
    after = rules.inspected(frame, found, utc_now())
    tables.commit(store.replace_image(after), store.set_changed(any_session()))
    return after


def whole_turn(frames: int = 12, without: Iterable[int] = ()) -> list[Image]:
    """A session's frames, all there but those, which were announced; the last one that is there has just arrived."""
    opened(frames)
    missing = set(without)
    images = [(announced(drawn(at, frames), at) if at in missing else arrived(at, frames)) for at in range(frames)]
    queueing.consider(TENANT, SESSION, utc_now())
    return images
