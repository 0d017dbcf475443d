"""Batches over HTTP: five photos of one home, one of them broken."""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import empty_room
from tests.support.agent import Agent, good, refusal
from tests.support.backstage import Backstage
from tests.support.patience import until
from vitrine.staging.models import StagedImage

LONGEST_S = 400
SIZES = [(296 + 4 * number, 256) for number in range(4)]


def five() -> list[bytes]:
    """Four photos of the room, no two the same, and in their middle one that ends too early."""
    rooms = [empty_room.photo(*size) for size in SIZES]
    return [*rooms[:2], rooms[0][:5000], *rooms[2:]]


def variants_of(backstage: Backstage, staged: StagedImage) -> dict[str, str]:
    """Which design each kind of furniture has on a picture."""
    bucket = backstage.environment["VITRINE_MEDIA_BUCKET"]
    layout = json.load(backstage.aws("s3").get_object(Bucket=bucket, Key=staged.layout_key)["Body"])
    return {piece["name"]: piece["variant"] for piece in layout["pieces"]}


def ids(batch: dict[str, Any]) -> list[str]:
    return [photo["id"] for photo in batch["individual_stagings"]]


@pytest.mark.timeout(LONGEST_S + 60)
def test_five_photos_show_one_home_and_the_broken_one_fails_alone(
    agents: Callable[..., Agent], backstage: Backstage
) -> None:
    ann = agents()
    # One after the other, as their photographer would: the emulator starts a process for each that comes at once.
    keys = [ann.upload_inspected(photo) for photo in five()]
    options = {"style": "art_deco", "quality_mode": "standard", "property_name": "12 Elm Street"}
    batch = good(ann.http.post("/api/stage/batch", json={"images": keys, **options}), 202)
    assert (batch["total_images"], batch["processing_status"]) == (5, "queued")
    assert batch["estimated_completion_time"] > batch["created_at"]

    seen = []

    def is_over() -> bool:
        seen.append(ann.read_batch(batch["batch_id"]))
        return bool(seen[-1]["completed_images"] + seen[-1]["failed_images"] == 5)

    until(is_over, LONGEST_S, "the batch")
    at_work = [sum(photo["status"] == "processing" for photo in look["individual_stagings"]) for look in seen]
    assert 1 <= max(at_work) <= 2, "as many at a time as the batch may"
    done = seen[-1]
    assert (done["processing_status"], done["completed_images"], done["failed_images"]) == ("completed", 4, 1)
    statuses = {photo["id"]: (photo["status"], photo["error_code"]) for photo in done["individual_stagings"]}
    assert statuses.pop(ids(batch)[2]) == ("failed", "INVALID_IMAGE_FORMAT")
    assert set(statuses.values()) == {("completed", None)}

    designs = defaultdict(set)
    for staging_id in statuses:
        result = ann.read(staging_id)["result"]
        assert (result["batch_id"], result["property_name"]) == (batch["batch_id"], "12 Elm Street")
        staged = StagedImage.model_validate(ann.job(staging_id).result)
        for piece, variant in variants_of(backstage, staged).items():
            designs[piece].add(variant)
    assert len(designs) >= 3
    assert {piece: found for piece, found in designs.items() if len(found) > 1} == {}

    until(lambda: ann.job(batch["batch_id"]).state == "ready", what="the batch's own end")
    assert ann.job(batch["batch_id"]).result == {"completed": 4, "failed": 1}
    (run,) = [run for run in backstage.executions("batch") if run["name"] == batch["batch_id"]]
    until(lambda: status_of(backstage, run["executionArn"]) == "SUCCEEDED", what="the batch's machine")
    assert ann.usage["stagings_completed"] == 4


def status_of(backstage: Backstage, execution: str) -> str:
    return str(backstage.aws("stepfunctions").describe_execution(executionArn=execution)["status"])


def test_a_batch_whose_photos_all_fail_has_failed_and_counts_nothing(agents: Callable[..., Agent]) -> None:
    ann = agents()
    batch = good(ann.order_batch([empty_room.no_room(), b"no photo at all"]), 202)
    until(lambda: ann.read_batch(batch["batch_id"])["processing_status"] == "failed", 120, "the batch")
    codes = [photo["error_code"] for photo in ann.read_batch(batch["batch_id"])["individual_stagings"]]
    assert codes == ["NOT_INTERIOR_IMAGE", "INVALID_IMAGE_FORMAT"]
    until(lambda: ann.job(batch["batch_id"]).state == "ready", what="the batch's own end")
    assert ann.job(batch["batch_id"]).result == {"completed": 0, "failed": 2}
    assert ann.usage["stagings_completed"] == 0


def test_another_accounts_batch_is_not_found(agents: Callable[..., Agent]) -> None:
    batch = good(agents().order_batch([empty_room.no_room()]), 202)
    assert refusal(agents().http.get(f"/api/stage/batch/{batch['batch_id']}")) == (404, "BATCH_NOT_FOUND")
