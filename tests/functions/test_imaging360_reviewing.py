"""A reviewer's word on a frame, over HTTP."""

import json
from typing import Any

import boto3
import pytest

from functions.imaging360_api import reviewing
from tests.functions.test_imaging360_frames import Shoot
from tests.support.requests import Reply, send
from vitrine.capture.models import Image, ImageStatus
from vitrine.set_qc.models import Check, CheckStatus

BLURRED = Check(score=9, threshold=50, status=CheckStatus.FAIL, code="blurred", message="m", remedy="Hold still.")


@pytest.fixture
def shoot() -> Shoot:
    return Shoot()


def blurred(shoot: Shoot) -> Image:
    return shoot.record(shoot.presign(body=b"one"), qc={"sharpness": BLURRED})


def review(token: str, image_id: str, decision: str = "pass", reason: str = "It is the paint.") -> Reply:
    body = {"decision": decision, "reason": reason}
    path = f"/v1/images/{image_id}/review"
    return send(reviewing.handler, "POST", path, token=token, body=body)


def told() -> list[Any]:
    items = boto3.client("dynamodb").scan(TableName="capture")["Items"]
    return [json.loads(item["body"]["S"]) for item in items if item.get("type", {}).get("S") == "FrameReviewed"]


def test_a_reviewer_overrules_a_check_with_a_reason_that_stays_with_the_frame(shoot: Shoot) -> None:
    image = blurred(shoot)
    answer = review(shoot.dealer.user("reviewer"), image.id)
    assert answer.status == 200
    noted = shoot.image(image.id)["review"]
    assert noted == answer.json()["review"]
    assert (noted["passed"], noted["reason"]) == (True, "It is the paint.")
    (event,) = told()
    assert (event["overruled"], event["passed"]) == (["sharpness"], True)


def test_the_same_word_again_changes_nothing_and_another_one_replaces_it(shoot: Shoot) -> None:
    image, token = blurred(shoot), shoot.dealer.user("reviewer")
    first = review(token, image.id).json()
    assert review(token, image.id).json() == first
    assert len(told()) == 1
    review(token, image.id, "reshoot", "The door is open.")
    assert shoot.image(image.id)["review"]["passed"] is False
    assert [event["overruled"] for event in told() if not event["passed"]] == [[]]


@pytest.mark.parametrize("status", [ImageStatus.PENDING, ImageStatus.FAILED])
def test_what_is_no_picture_cannot_be_reviewed(shoot: Shoot, status: ImageStatus) -> None:
    image = shoot.record(shoot.presign(), status)
    answer = review(shoot.admin, image.id)
    assert (answer.status, answer.json()["error"]["code"]) == (400, "NOT_PROCESSED")


def test_devices_and_operators_review_nothing_and_strangers_find_nothing(shoot: Shoot) -> None:
    image = blurred(shoot)
    assert [review(token, image.id).status for token in (shoot.device, shoot.dealer.user("operator"))] == [403, 403]
    assert review(Shoot().admin, image.id).status == 404
    assert review(shoot.admin, image.id, "perhaps").status == 400
    assert told() == []
