"""Image and upload meet in any order, and what AWS delivers twice happens once."""

import json
import threading
from collections.abc import Iterator

import pytest

from tests.support import empty_room
from tests.support.backstage import Backstage
from tests.support.customer import Customer, Json
from tests.support.patience import until
from vitrine.billing.models import Balances, EntryKind


def before(alice: Customer, photo: bytes) -> str:
    upload = alice.presign(photo)
    image_id = alice.order(upload)
    assert alice.put(upload, photo).status_code == 200
    return image_id


def during(alice: Customer, photo: bytes) -> str:
    upload, made = alice.presign(photo), []

    def body() -> Iterator[bytes]:
        yield photo[: len(photo) // 2]
        made.append(alice.order(upload))
        yield photo[len(photo) // 2 :]

    assert alice.put(upload, body()).status_code == 200
    return made[0]


def after(alice: Customer, photo: bytes) -> str:
    return alice.order(alice.upload_inspected(photo))


@pytest.mark.parametrize("order", [before, during, after])
def test_an_image_runs_once_whether_it_is_created_before_during_or_after_its_upload(
    alice: Customer, order: object
) -> None:
    assert callable(order)
    image_id = order(alice, empty_room.no_room())
    assert alice.wait(image_id)["errorCode"] == "not_an_interior"
    assert alice.history(image_id) == ["queued", "processing", "error"]
    assert len(alice.backstage.staging_runs(image_id)) == 1
    assert money(alice) == [EntryKind.RESERVE, EntryKind.REFUND]


def test_the_same_upload_told_twice_is_staged_once_and_charged_once(alice: Customer, backstage: Backstage) -> None:
    upload = alice.presign(empty_room.photo())
    image_id = alice.order(upload)
    answered = "the ingest machine's input"
    alice.put(upload, empty_room.photo())
    event = until(lambda: ingest_input(backstage, upload), what=answered)
    tell_again(backstage, event)
    alice.wait(image_id)
    tell_again(backstage, event)
    until(lambda: len(ingest_runs(backstage, upload)) == 3, what="three runs of the ingest machine")
    until(lambda: set(ingest_runs(backstage, upload)) == {"SUCCEEDED"}, what="all of them to succeed")

    assert alice.image(image_id)["status"] == "ready"
    assert alice.history(image_id) == ["queued", "processing", "ready"]
    assert alice.backstage.asset(alice.tenant, upload["asset_id"]).version == 2
    assert len(alice.backstage.staging_runs(image_id)) == 1
    assert money(alice) == [EntryKind.RESERVE, EntryKind.SETTLE]
    assert alice.balances == Balances(granted=10, available=9, spent=1)


def test_bus_events_that_come_again_and_all_at_once_start_a_job_once(alice: Customer, backstage: Backstage) -> None:
    upload = alice.upload_inspected(empty_room.no_room())
    image_id = alice.order(upload)
    job = alice.job(image_id)
    queued = {"job_id": image_id, "tenant": alice.tenant, "kind": job.kind.value}
    inspected = {"asset_id": upload["asset_id"], "tenant": alice.tenant}
    answered = [("JobQueued", queued), ("UploadInspected", inspected)] * 2
    tellers = [
        threading.Thread(target=backstage.invoke, args=("reactions-start-work", {"detail-type": kind, "detail": it}))
        for kind, it in answered
    ]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    alice.wait(image_id)
    assert backstage.staging_runs(image_id) == ["SUCCEEDED"]
    assert money(alice) == [EntryKind.RESERVE, EntryKind.REFUND]


def money(alice: Customer) -> list[EntryKind]:
    """What the ledger says beyond the opening grant, in order."""
    entries = sorted(alice.backstage.ledger(alice.tenant), key=lambda entry: entry.at)
    return [entry.kind for entry in entries if entry.kind is not EntryKind.GRANT]


def tell_again(backstage: Backstage, event: Json) -> None:
    """The same event to the ingest machine, as S3 and EventBridge may: at least once."""
    backstage.start("ingest", event)


def ingest_input(backstage: Backstage, upload: Json) -> Json | None:
    found = backstage.inputs("ingest", upload["file_key"])
    return json.loads(found[0][1]) if found else None


def ingest_runs(backstage: Backstage, upload: Json) -> list[str]:
    return [status for status, _ in backstage.inputs("ingest", upload["file_key"])]
