"""Every Lambda on the photo's way dies once, at its worst moment; the image still ends once, and so does its money.

A death is a process that is gone: no exception, no `finally`, no answer (see `tests.support.dying`). What AWS would do
next and the emulator does not (deliver a topic's or a bus's event again) the journey does, with the very same event.
"""

import json
from datetime import timedelta

import pytest

from tests.support import empty_room
from tests.support.backstage import Backstage
from tests.support.customer import Customer, Json
from tests.support.dying import dying
from tests.support.patience import until
from vitrine.billing.models import Balances

pytestmark = pytest.mark.usefixtures("alone")

SPENT = Balances(granted=10, available=9, spent=1)
REFUNDED = Balances(granted=10, available=10)


def is_ready_once(alice: Customer, image_id: str) -> None:
    assert alice.wait(image_id)["status"] == "ready"
    assert alice.history(image_id) == ["queued", "processing", "ready"]
    assert alice.balances == SPENT
    until(lambda: "RUNNING" not in alice.backstage.staging_runs(image_id), what="the machine to end")


def is_refunded_once(alice: Customer, image_id: str, code: str) -> Json:
    image = alice.wait(image_id)
    assert (image["status"], image["errorCode"]) == ("error", code)
    assert alice.history(image_id).count("error") == 1
    assert alice.balances == REFUNDED
    return image


def ordered(alice: Customer, photo: bytes | None = None) -> str:
    return alice.order(alice.upload(photo or empty_room.photo()))


def waiting_for_its_photo(alice: Customer) -> tuple[Json, str]:
    """An upload's promise and an image of it. Only the photo's arrival can start it: its own event has been handled."""
    upload = alice.presign(empty_room.no_room())
    image_id = alice.order(upload)
    until(lambda: any(image_id in line for line in alice.backstage.logs("start-work")), what="the image's event")
    return upload, image_id


def test_an_inspection_that_dies_halfway_ends_as_an_error_with_a_refund(alice: Customer, backstage: Backstage) -> None:
    with dying(backstage, "pipeline-inspect-upload", "after PutObject", alice.tenant):
        image_id = ordered(alice)
        image = is_refunded_once(alice, image_id, "inspection_failed")
    assert "on our side" in image["error"]
    assert backstage.staging_runs(image_id) == []


def test_a_verdict_that_was_recorded_by_a_process_that_died_holds(alice: Customer, backstage: Backstage) -> None:
    with dying(backstage, "pipeline-record-inspection", "after TransactWriteItems", alice.tenant):
        is_refunded_once(alice, ordered(alice, empty_room.no_room()), "not_an_interior")


def test_a_change_that_was_published_by_a_process_that_died_is_published_again_and_acted_upon_once(
    alice: Customer, backstage: Backstage
) -> None:
    with dying(backstage, "reactions-publish-changes", "after PutEvents", alice.tenant):
        image_id = ordered(alice, empty_room.no_room())
        is_refunded_once(alice, image_id, "not_an_interior")
    assert len(backstage.staging_runs(image_id)) == 1


def test_a_change_that_a_dead_process_did_not_publish_is_published_all_the_same(
    alice: Customer, backstage: Backstage
) -> None:
    with dying(backstage, "reactions-publish-changes", "before PutEvents", alice.tenant):
        is_refunded_once(alice, ordered(alice, empty_room.no_room()), "not_an_interior")


def test_a_start_that_died_is_made_by_the_event_that_comes_again(alice: Customer, backstage: Backstage) -> None:
    upload, image_id = waiting_for_its_photo(alice)
    with dying(backstage, "reactions-start-work", "before StartExecution", alice.tenant) as death:
        alice.put(upload, empty_room.no_room())
        assert death.event["detail-type"] == "UploadInspected"
        assert backstage.staging_runs(image_id) == []
        death.deliver_again()
        is_refunded_once(alice, image_id, "not_an_interior")


def test_a_start_that_died_for_good_is_made_up_for_by_the_sweeper(alice: Customer, backstage: Backstage) -> None:
    upload, image_id = waiting_for_its_photo(alice)
    with dying(backstage, "reactions-start-work", "before StartExecution", alice.tenant):
        alice.put(upload, empty_room.no_room())
    assert backstage.staging_runs(image_id) == []
    backstage.set_deadline(alice.tenant, image_id, alice.job(image_id).deadline - timedelta(minutes=5))
    assert not backstage.invoke("reactions-sweep-deadlines", {}).failed
    is_refunded_once(alice, image_id, "not_an_interior")


def test_a_start_that_was_made_by_a_process_that_died_is_not_made_again(alice: Customer, backstage: Backstage) -> None:
    upload, image_id = waiting_for_its_photo(alice)
    with dying(backstage, "reactions-start-work", "after StartExecution", alice.tenant) as death:
        alice.put(upload, empty_room.no_room())
        death.deliver_again()
        is_refunded_once(alice, image_id, "not_an_interior")
    assert len(backstage.staging_runs(image_id)) == 1


def test_an_inference_that_was_asked_for_by_a_process_that_died_is_answered(
    alice: Customer, backstage: Backstage
) -> None:
    with dying(backstage, "pipeline-start-inference", "after InvokeEndpointAsync", alice.tenant):
        is_ready_once(alice, ordered(alice))


def test_an_inference_that_nobody_asked_for_ends_at_its_deadline_with_a_refund(
    alice: Customer, backstage: Backstage
) -> None:
    with dying(backstage, "pipeline-start-inference", "before InvokeEndpointAsync", alice.tenant) as death:
        image_id = ordered(alice)
        assert death.event
    alice.wait_until(image_id, "processing")
    alice.is_overdue(image_id)
    is_refunded_once(alice, image_id, "deadline_passed")
    assert backstage.staging_runs(image_id) == ["ABORTED"]


def test_an_answer_whose_delivery_died_is_delivered_again(alice: Customer, backstage: Backstage) -> None:
    with dying(backstage, "reactions-finish-inference", "before SendTaskSuccess", alice.tenant) as death:
        image_id = ordered(alice)
        assert death.event
        death.deliver_again()
        is_ready_once(alice, image_id)


def test_an_answer_that_was_delivered_by_a_process_that_died_does_nothing_when_it_comes_again(
    alice: Customer, backstage: Backstage
) -> None:
    with dying(backstage, "reactions-finish-inference", "after SendTaskSuccess", alice.tenant) as death:
        image_id = ordered(alice, empty_room.no_room())
        assert death.event
        death.deliver_again()
        is_refunded_once(alice, image_id, "not_an_interior")
    letters = backstage.dead_letters("reactions-finish-inference")
    assert not any(image_id in json.dumps(letter) for letter in letters)


def test_a_judgement_that_died_ends_as_an_error_with_a_refund(alice: Customer, backstage: Backstage) -> None:
    with dying(backstage, "pipeline-judge-result", "at the end", alice.tenant):
        is_refunded_once(alice, ordered(alice, empty_room.no_room()), "staging_failed")


def test_a_picture_whose_publication_died_halfway_ends_as_an_error_with_a_refund(
    alice: Customer, backstage: Backstage
) -> None:
    with dying(backstage, "pipeline-publish-picture", "before TransactWriteItems", alice.tenant):
        image = is_refunded_once(alice, ordered(alice), "staging_failed")
    assert image["stagedUrl"] is None


def test_a_picture_that_was_published_by_a_process_that_died_stays_published(
    alice: Customer, backstage: Backstage
) -> None:
    with dying(backstage, "pipeline-publish-picture", "after TransactWriteItems", alice.tenant):
        image_id = ordered(alice)
        is_ready_once(alice, image_id)
    assert alice.plain.get(alice.image(image_id)["stagedUrl"]).status_code == 200


def test_a_job_that_was_ended_by_a_process_that_died_is_refunded_once(alice: Customer, backstage: Backstage) -> None:
    with dying(backstage, "pipeline-end-job", "after TransactWriteItems", alice.tenant):
        image_id = ordered(alice, empty_room.no_room())
        is_refunded_once(alice, image_id, "not_an_interior")


def test_a_job_that_nobody_could_end_is_ended_by_the_sweeper(alice: Customer, backstage: Backstage) -> None:
    with dying(backstage, "pipeline-end-job", "before TransactWriteItems", alice.tenant) as death:
        image_id = ordered(alice, empty_room.no_room())
        assert death.event
        until(lambda: backstage.staging_runs(image_id) == ["FAILED"], what="the machine to give up")
    assert alice.job(image_id).state == "processing"
    alice.is_overdue(image_id)
    is_refunded_once(alice, image_id, "deadline_passed")
    unswept = [line for line in backstage.logs("sweep-deadlines") if "could not be swept" in line]
    assert not any(image_id in line for line in unswept)


def test_an_image_whose_answer_was_lost_is_found_again_under_its_key(alice: Customer, backstage: Backstage) -> None:
    upload = alice.presign(empty_room.no_room())
    body = {"project_id": alice.project(), "original_url": upload["file_key"]}
    with dying(backstage, "realstaging-api-images", "after TransactWriteItems", "lost-answer"):
        lost = alice.post("images", body, key="lost-answer")
        assert lost.status_code == 502
        (image_id,) = backstage.jobs_of(alice.tenant, upload["asset_id"])
        waiting = alice.post("images", body, key="lost-answer")
        assert (waiting.status_code, waiting.json()["code"]) == (409, "in_progress")
        backstage.expire_claims(f"realstaging#{alice.tenant}")
        again = alice.post("images", body, key="lost-answer")
    assert (again.status_code, again.json()["id"]) == (202, image_id)
    assert backstage.jobs_of(alice.tenant, upload["asset_id"]) == [image_id]
    assert alice.balances == Balances(granted=10, available=9, held=1)
