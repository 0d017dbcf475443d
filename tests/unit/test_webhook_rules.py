"""When a delivery is tried again, when it stops, which secrets sign, and what customers hear."""

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import any_job
from tests.support.clock import NOW
from vitrine.engagement import events, rules
from vitrine.engagement.models import Attempt, Delivery, DeliveryState, DisabledReason, Webhook
from vitrine.jobs import rules as jobs
from vitrine.jobs.models import Job, JobError, JobKind
from vitrine.kernel.clock import timestamp
from vitrine.kernel.errors import Conflict
from vitrine.kinds_of_work import KINDS
from vitrine.staging import failures
from vitrine.staging.failures import OF_BATCH
from vitrine.staging.models import BatchInput, BatchOutcome, BatchPhoto, StagedImage, StageInput, StagingOptions

CHANCE = bytes(range(32))


def any_webhook(**changes: Any) -> Webhook:
    webhook = Webhook(
        id="whk_a",
        tenant="ten_a",
        surface="realstaging",
        url="https://hooks.example.com/",
        events=("image.ready",),
        secrets=(rules.new_secret("sec_a", CHANCE),),
        created_at=NOW,
        updated_at=NOW,
    )
    return webhook.model_copy(update=changes)


def any_delivery(**changes: Any) -> Delivery:
    delivery = Delivery(
        id="dlv_a",
        tenant="ten_a",
        webhook_id="whk_a",
        event_id="img_a_3",
        type="image.ready",
        payload="{}",
        created_at=NOW,
    )
    return delivery.model_copy(update=changes)


def an_attempt(outcome: str, at: datetime = NOW) -> Attempt:
    return Attempt(at=at, outcome=outcome, status=None, duration_ms=1)


def life(delivery_id: str) -> list[timedelta]:
    """The ages at which a delivery is attempted when every attempt fails at once."""
    delivery, now, ages = any_delivery(id=delivery_id), NOW, []
    while delivery.state is DeliveryState.PENDING:
        ages.append(now - NOW)
        delivery = rules.attempted(delivery, an_attempt("failed", now), now)
        now = delivery.next_attempt_at or now
    return ages


@given(st.text(min_size=1, max_size=30))
def test_a_receiver_that_stays_down_is_tried_for_72_hours_to_the_second(delivery_id: str) -> None:
    ages = life(delivery_id)
    assert ages[-1] == timedelta(hours=72)
    assert 12 <= len(ages) <= 16
    assert ages == sorted(ages)


def test_waits_grow_and_two_deliveries_do_not_fall_into_step() -> None:
    one, two = life("dlv_one"), life("dlv_two")
    waits = [later - earlier for earlier, later in pairwise(one)]
    assert waits[0] <= timedelta(seconds=3)
    assert waits[:7] == sorted(waits[:7])
    assert one[1:-1] != two[1:-1]
    assert life("dlv_one") == one


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "delivered") for status in (200, 201, 202, 204, 299)),
        *((status, "redirected") for status in (300, 301, 302, 304, 307, 308)),
        *((status, "rejected") for status in (400, 401, 404, 409, 429)),
        (410, "gone"),
        *((status, "failed") for status in (100, 500, 503, 599, 999)),
    ],
)
def test_only_a_2xx_delivers(status: int, outcome: str) -> None:
    assert rules.outcome_of(status) == outcome


def test_a_webhook_that_says_gone_is_disabled_and_its_delivery_has_failed() -> None:
    attempt = an_attempt("gone")
    assert rules.attempted(any_delivery(), attempt, NOW).state is DeliveryState.FAILED
    assert rules.heard(any_webhook(), attempt).disabled is DisabledReason.GONE


def test_a_webhook_is_disabled_after_five_days_without_one_success() -> None:
    webhook = rules.heard(any_webhook(), an_attempt("failed"))
    assert (webhook.failing_since, webhook.disabled) == (NOW, None)
    almost = an_attempt("timeout", NOW + rules.PATIENCE - timedelta(seconds=1))
    assert rules.heard(webhook, almost) is webhook
    late = an_attempt("timeout", NOW + rules.PATIENCE)
    assert rules.heard(webhook, late).disabled is DisabledReason.FAILING


def test_one_success_forgets_all_failures() -> None:
    failing = any_webhook(failing_since=NOW)
    assert rules.heard(failing, an_attempt("delivered")).failing_since is None
    healthy = any_webhook()
    assert rules.heard(healthy, an_attempt("delivered")) is healthy


def test_enabling_a_webhook_gives_it_its_five_days_again() -> None:
    disabled = any_webhook(disabled=DisabledReason.FAILING, failing_since=NOW)
    enabled = rules.changed(disabled, {"enabled": True}, NOW)
    assert (enabled.disabled, enabled.failing_since) == (None, None)
    assert rules.changed(enabled, {"enabled": False}, NOW).disabled is DisabledReason.BY_CUSTOMER


def test_a_replaced_secret_signs_for_24_hours_more() -> None:
    rotated = rules.rotate(any_webhook(), rules.new_secret("sec_b", CHANCE), NOW)
    just_before = NOW + rules.OVERLAP - timedelta(seconds=1)
    assert [secret.id for secret in rules.signing(rotated, just_before)] == ["sec_b", "sec_a"]
    assert [secret.id for secret in rules.signing(rotated, NOW + rules.OVERLAP)] == ["sec_b"]


def test_a_rotation_that_is_repeated_changes_nothing() -> None:
    new = rules.new_secret("sec_b", CHANCE)
    rotated = rules.rotate(any_webhook(), new, NOW)
    assert rules.rotate(rotated, new, NOW) is rotated


def test_rotating_again_and_again_ends_no_secret_before_its_time() -> None:
    webhook = any_webhook()
    for number in range(rules.MAX_SECRETS - 1):
        webhook = rules.rotate(webhook, rules.new_secret(f"sec_{number}", CHANCE), NOW)
    with pytest.raises(Conflict):
        rules.rotate(webhook, rules.new_secret("sec_z", CHANCE), NOW)
    later = NOW + rules.OVERLAP
    assert len(rules.rotate(webhook, rules.new_secret("sec_z", CHANCE), later).secrets) == 2


def test_a_secret_is_shown_neither_by_repr_nor_by_a_log_of_its_webhook() -> None:
    webhook = any_webhook()
    assert "whsec_" in webhook.secrets[0].value
    assert "whsec_" not in repr(webhook) and "hooks.example.com" not in repr(webhook)


def a_staging(job_id: str, surface: str, **changes: Any) -> Job:
    options = StageInput(
        photo_key="uploads/ten_a/ast_a",
        room_type=None,
        style="modern_luxury",
        seed=1,
        quality="standard",
        surface=surface,
        property_name="p" * 200 if surface == "stagecraft" else None,
    )
    return any_job(id=job_id, input=options.model_dump(mode="json"), **changes)


def announced(job: Job) -> tuple[str, dict[str, Any]] | None:
    event = jobs.event_of(job)
    announce = KINDS.of(job.kind).announce
    said = announce(event, job) if announce else None
    if said is None:
        return None
    payload = events.payload(said.type, timestamp(said.at), said.data)
    assert len(payload.encode()) < rules.MAX_PAYLOAD
    assert "." not in said.event_id, "Standard Webhooks signs id.timestamp.payload"
    assert "http" not in payload
    return said.type, json.loads(payload)


@pytest.mark.parametrize(
    ("prefix", "surface", "names"),
    [
        ("img", "realstaging", ["image.processing", "image.error", "image.error"]),
        ("stg", "stagecraft", ["staging.processing", "staging.failed", "staging.failed"]),
    ],
)
def test_each_surface_hears_of_a_staging_in_its_own_words(prefix: str, surface: str, names: list[str]) -> None:
    queued = a_staging(f"{prefix}_{'0' * 26}", surface)
    error = JobError(code="c", message="m" * 500)
    changed = [jobs.start(queued, NOW), jobs.fail(queued, error, NOW), jobs.cancel(queued, NOW)]
    assert announced(queued) is None
    found = [said for said in map(announced, changed) if said]
    assert [name for name, _ in found] == names
    for name, payload in found:
        assert payload["type"] == name
        assert payload["data"]["id"] == queued.id
        assert payload["data"]["status"] == name.split(".")[1]
        assert set(payload) == {"type", "timestamp", "data"}


def test_a_batch_is_told_of_when_it_is_over_and_not_before() -> None:
    photos = tuple(BatchPhoto(job_id=f"stg_{number}", upload=("ast_a", "key")) for number in range(3))
    told_of = BatchInput(
        surface="stagecraft", options=StagingOptions(), plan_seed=1, property_name="Elm Street 4", photos=photos
    )
    batch = any_job(id=f"bat_{'0' * 26}", kind=JobKind.BATCH, input=told_of.model_dump(mode="json"))
    assert announced(batch) is None
    over = announced(jobs.complete(batch, BatchOutcome(completed=2, failed=1).model_dump(), NOW))
    assert over is not None
    name, payload = over
    assert (name, payload["data"]["batch_id"]) == ("batch.completed", batch.id)
    counts = [payload["data"][f"{part}_images"] for part in ("total", "completed", "failed")]
    assert counts == [3, 2, 1]


@pytest.mark.parametrize("end", [lambda job: jobs.fail(job, OF_BATCH.too_late, NOW), lambda job: jobs.cancel(job, NOW)])
def test_a_batch_that_ends_otherwise_is_told_of_too_with_the_reason(end: Any) -> None:
    photos = (BatchPhoto(job_id="stg_1", upload=("ast_a", "key")),)
    told_of = BatchInput(surface="stagecraft", options=StagingOptions(), plan_seed=1, photos=photos)
    batch = end(any_job(id=f"bat_{'0' * 26}", kind=JobKind.BATCH, input=told_of.model_dump(mode="json")))
    said = announced(batch)
    assert said is not None
    name, payload = said
    assert (name, payload["data"]["processing_status"]) == ("batch.failed", "failed")
    assert payload["data"]["completed_images"] is None
    reason = failures.of(batch)
    assert reason is not None
    assert payload["data"]["error_message"] == reason.message


def a_result() -> dict[str, Any]:
    staged = StagedImage(
        picture_key="p",
        mask_key="m",
        layout_key="l",
        thumbnails={},
        width=1024,
        height=768,
        room_type="bedroom",
        style="japandi",
        seed=7,
        scores={"integrity": 0.98, "quality": 0.8, "parts": {}},
        warnings=(),
        engine={"name": "render", "version": "1"},
        attempt=2,
    )
    return staged.model_dump(mode="json")


def test_a_staged_image_is_told_of_as_it_became_not_as_it_was_asked_for() -> None:
    done = jobs.complete(a_staging(f"img_{'0' * 26}", "realstaging"), a_result(), NOW)
    said = announced(done)
    assert said is not None
    data = said[1]["data"]
    assert (data["roomType"], data["style"], data["seed"], data["engine"]) == ("bedroom", "japandi", 7, "render 1")
    assert (data["width"], data["scores"]["quality"]) == (1024, 0.8)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("20", 20),
        (" 0 ", 0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("9" * 40, None),
        ("", None),
        (None, None),
    ],
)
def test_a_receiver_says_when_to_come_back_in_seconds_or_by_a_date(header: str | None, seconds: int | None) -> None:
    assert rules.retry_after(header, NOW) == seconds


@pytest.mark.parametrize(("asked", "wait"), [(20, 20), (86_400, 43_200), (10**9 - 1, 43_200)])
def test_the_next_attempt_waits_as_long_as_the_receiver_asks_within_bounds(asked: int, wait: int) -> None:
    busy = an_attempt("rejected").model_copy(update={"status": 429, "retry_after_s": asked})
    tried = rules.attempted(any_delivery(), busy, NOW)
    assert tried.next_attempt_at == NOW + timedelta(seconds=wait)


def test_a_wait_that_is_asked_for_shortens_none_and_outlasts_no_end() -> None:
    busy = an_attempt("failed").model_copy(update={"retry_after_s": 1})
    later = any_delivery(attempts=(busy,) * 5)
    waited = rules.wait_after(later, NOW)
    assert waited is not None
    assert waited > timedelta(minutes=20)
    almost = NOW + rules.TRY_FOR - timedelta(minutes=1)
    long = busy.model_copy(update={"retry_after_s": 7_200})
    assert rules.wait_after(any_delivery(attempts=(long,)), almost) == timedelta(minutes=1)


def test_a_staging_that_no_surface_has_words_for_is_not_told_of() -> None:
    assert announced(jobs.start(a_staging(f"img_{'0' * 26}", "another"), NOW)) is None
