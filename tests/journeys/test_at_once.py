"""What must hold when many do the same thing at once, on a DynamoDB that decides one request after the other.

The stores run in this process with a thread for each caller, and over HTTP with a Lambda for each.
"""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

import httpx
import pytest

from tests.journeys.conftest import Stack
from tests.stores.stripe import neutral, subscriber, tell
from tests.stores.test_billing import ENDS, balances, complete, fail, opened, queued
from tests.support import empty_room, stripe_events
from tests.support.builders import any_call, any_job
from tests.support.clock import NOW
from tests.support.crowd import at_once
from tests.support.customer import Customer
from tests.support.uploads import any_asset, any_inspection
from vitrine.assets import service as assets
from vitrine.assets import store as assets_store
from vitrine.assets.models import Rejection, Verdict
from vitrine.billing import service as billing
from vitrine.billing.models import Balances
from vitrine.billing.stripe.models import EventState
from vitrine.identity.organisations import store as organisations
from vitrine.identity.organisations.models import Device
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobState
from vitrine.kernel import schema, tables
from vitrine.kernel.errors import AppError, Conflict, PaymentRequired, TooManyRequests, Unavailable
from vitrine.kernel.idempotency import Answer, Claim, Idempotency
from vitrine.kernel.ids import Ids
from vitrine.kernel.limits import RateLimiter
from vitrine.kernel.surface import Limit

MANY, FEW, THREADS, LAMBDAS = 50, 8, 16, 6
T = TypeVar("T")


@pytest.mark.usefixtures("shared")
def test_of_many_callers_at_once_exactly_as_many_pass_as_the_limit_allows() -> None:
    limiter, limit, subject = RateLimiter(schema.GUARD.deployed_name()), Limit("minute", 20, 60), any_call().tenant

    def call(_: int) -> int | None:
        try:
            return limiter.take(subject, limit, NOW).remaining
        except TooManyRequests:
            return None

    seen = at_once(call, MANY)
    assert sorted(left for left in seen if left is not None) == list(range(20))
    assert seen.count(None) == MANY - 20


@pytest.mark.usefixtures("shared")
def test_a_devices_calls_at_once_are_counted_exactly_on_its_own_item() -> None:
    limit, device_id = Limit("presigns", 20, 60), Ids.random(NOW).uuid()
    facts = {"platform": "edge", "model": "camera 1", "app_version": "1", "created_at": NOW, "renewed_at": NOW}
    device = Device.model_validate({"id": device_id, "tenant": any_call().tenant, **facts})
    organisations.enrol(device)

    def call(_: int) -> int | None:
        try:
            return organisations.let_in(organisations.DEVICE, device.tenant, device_id, "presigns", limit, NOW)[1]
        except TooManyRequests:
            return None

    seen = at_once(call, MANY)
    assert sorted(count for count in seen if count is not None) == list(range(1, 21))


@pytest.mark.usefixtures("shared")
def test_of_many_tries_under_one_key_exactly_one_holds_it() -> None:
    idempotency, scope = Idempotency(schema.GUARD.deployed_name()), any_call().tenant

    def claim(number: int) -> Claim | Answer | str:
        try:
            return idempotency.claim(scope, "key", "request", NOW, f"seed {number}")
        except Conflict as conflict:
            return conflict.code

    found = at_once(claim, MANY)
    (held,) = [each for each in found if isinstance(each, Claim)]
    assert found.count("in_progress") == MANY - 1
    idempotency.complete(held, Answer(202, "{}", {}))
    assert at_once(claim, FEW) == [Answer(202, "{}", {})] * FEW


@pytest.mark.usefixtures("shared")
def test_of_many_tries_that_take_over_a_dead_one_exactly_one_does() -> None:
    idempotency, scope = Idempotency(schema.GUARD.deployed_name()), any_call().tenant
    idempotency.claim(scope, "key", "request", NOW, "the dead one's seed")

    def take_over(number: int) -> str | None:
        try:
            claim = idempotency.claim(scope, "key", "request", NOW + timedelta(minutes=1), f"seed {number}")
        except Conflict:
            return None
        assert isinstance(claim, Claim)
        return claim.seed

    assert Counter(at_once(take_over, MANY)) == {"the dead one's seed": 1, None: MANY - 1}


@pytest.mark.usefixtures("shared")
def test_of_many_that_end_a_job_at_once_exactly_one_does_and_moves_its_money() -> None:
    tenant = opened()
    job = queued(tenant, credits=4)
    ends = list(ENDS.values())

    def end(number: int) -> JobState | None:
        try:
            return ends[number % len(ends)](job).state
        except Conflict:
            return None

    states = set(at_once(end, FEW)) - {None}
    state = jobs.find(tenant, job.id).state
    assert states == {state}
    assert len(jobs.events_after(tenant, job.id, 0)) == 2
    spent = 4 if state is JobState.READY else 0
    assert balances(tenant) == Balances(granted=10, available=10 - spent, spent=spent)


@pytest.mark.usefixtures("shared")
def test_of_many_that_spend_the_last_credits_at_once_only_as_many_succeed_as_there_are_credits() -> None:
    tenant = opened()

    def spend(_: int) -> str:
        # Whoever met too much contention may simply try again.
        while True:
            try:
                queued(tenant)
            except Unavailable:
                continue
            except PaymentRequired as error:
                return error.code
            return "queued"

    assert Counter(at_once(spend, 25)) == {"queued": 10, "payment_required": 15}
    assert balances(tenant) == Balances(granted=10, held=10)


@pytest.mark.usefixtures("shared")
def test_many_first_calls_at_once_open_one_account() -> None:
    call = any_call()

    def first(_: int) -> None:
        billing.forget_provisioned()
        billing.provision(call)

    at_once(first, 16)
    assert balances(call.tenant) == Balances(granted=10, available=10)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("seed", range(3))
def test_the_ledger_stays_even_when_everything_happens_at_once(seed: int) -> None:
    tenant = opened()
    held = [queued(tenant) for _ in range(6)]

    def act(number: int) -> None:
        random = Random(seed * 1_000 + number)
        job = random.choice(held)
        actions: list[Callable[[], object]] = [
            lambda: queued(tenant, credits=random.randint(1, 4)),
            lambda: complete(job),
            lambda: fail(job),
            lambda: ENDS["cancel"](job),
            lambda: billing.grant(tenant, random.randint(1, 3), f"gift {random.randint(1, 5)}", NOW),
        ]
        with suppress(Conflict, PaymentRequired):
            random.choice(actions)()

    with ThreadPoolExecutor(FEW) as pool:
        list(pool.map(act, range(40)))
    assert balances(tenant).available >= 0


@pytest.mark.usefixtures("shared")
def test_of_many_verdicts_at_once_one_holds() -> None:
    tenant = any_call().tenant
    asset = any_asset(tenant=tenant)
    tables.commit(assets_store.insert(asset))
    reason = Rejection(code="truncated", message="The file ends early.")
    verdicts = [any_inspection(asset), any_inspection(asset, verdict=Verdict.REJECTED, reason=reason)]
    found = at_once(lambda number: assets.record(verdicts[number % 2], NOW), FEW)
    settled = assets.find(tenant, asset.id)
    assert settled is not None
    assert settled.version == 2
    assert {after.state for after in found if after} == {settled.state}


@pytest.mark.usefixtures("shared")
def test_of_many_changes_of_one_job_at_once_each_event_has_a_number_of_its_own() -> None:
    job = any_job(tenant=any_call().tenant)
    tables.commit(*jobs.queueing(job))
    changes: list[Callable[[Job], Job]] = [
        lambda job: job_rules.start(job, NOW),
        lambda job: job_rules.complete(job, {}, NOW),
        lambda job: job_rules.cancel(job, NOW),
    ]

    def change(number: int) -> None:
        with suppress(AppError):
            jobs.change(job.tenant, job.id, changes[number % 3])

    at_once(change, 2 * FEW)
    received = jobs.events_after(job.tenant, job.id, 0)
    stored = jobs.find(job.tenant, job.id)
    assert [event.number for event in received] == list(range(1, stored.version + 1))
    assert received[-1].state == stored.state
    assert stored.state.is_over


@pytest.mark.usefixtures("shared")
def test_concurrent_duplicates_of_a_stripe_event_act_once() -> None:
    who = subscriber()
    tell(who, "checkout_session_completed", "customer_subscription_created")
    assert set(at_once(lambda _: tell(who, "invoice_paid")[0], 16)) == {EventState.APPLIED}
    assert billing.account(who.tenant).balances.granted == 60


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("_attempt", range(3))
def test_a_whole_subscription_told_at_once_ends_as_if_told_in_order(_attempt: int) -> None:
    straight, at_the_same_time = subscriber(), subscriber()
    tell(straight, *stripe_events.STORY)

    def deliver(name: str) -> None:
        # Stripe sends again whatever was not answered with success.
        for _ in range(10):
            with suppress(Unavailable):
                tell(at_the_same_time, name)
                return

    with ThreadPoolExecutor(FEW) as pool:
        list(pool.map(deliver, stripe_events.STORY * 2))
    assert neutral(at_the_same_time) == neutral(straight)


def test_the_last_credits_are_spent_once_over_http(alice: Customer) -> None:
    project, upload = alice.project(), alice.presign(empty_room.photo())
    body = {"project_id": project, "original_url": upload["file_key"], "quality": "premium"}

    def order(_: int) -> tuple[int, str]:
        answer = alice.post("images", body)
        return answer.status_code, answer.json().get("code", "")

    seen = Counter(at_once(order, LAMBDAS))
    assert seen == {(202, ""): 5, (402, "payment_required"): LAMBDAS - 5}
    assert alice.balances == Balances(granted=10, held=10)


def test_concurrent_duplicates_from_stripe_grant_their_credits_once(stack: Stack, alice: Customer) -> None:
    alice.project()
    who = stripe_events.Subscriber(alice.tenant, alice.name.rpartition("-")[2])
    for name in ("checkout_session_completed", "customer_subscription_created"):
        assert webhook(stack, who.event(name)).status_code == 200
    event = who.event("invoice_paid")
    answers = at_once(lambda _: webhook(stack, event), LAMBDAS)
    for answer in [answer for answer in answers if answer.status_code != 200]:
        assert answer.status_code == 503
        assert webhook(stack, event).status_code == 200
    assert alice.balances == Balances(granted=60, available=60)


@pytest.mark.parametrize("change", ["forged", "old", "unsigned"])
def test_an_event_that_stripe_did_not_sign_does_nothing(stack: Stack, alice: Customer, change: str) -> None:
    alice.project()
    event = stripe_events.Subscriber(alice.tenant, alice.name.rpartition("-")[2]).event("checkout_session_completed")
    secret = "whsec_guessed" if change == "forged" else stack.state.stripe_webhook_secret
    answer = webhook(stack, event, secret, age_s=3600 if change == "old" else 0, signed=change != "unsigned")
    assert answer.status_code == 400
    assert alice.balances == Balances(granted=10, available=10)


def webhook(
    stack: Stack, event: dict[str, Any], secret: str | None = None, age_s: float = 0, *, signed: bool = True
) -> httpx.Response:
    body = json.dumps(event)
    headers = {"Content-Type": "application/json"}
    if signed:
        headers["Stripe-Signature"] = stripe_events.signature(body, secret or stack.state.stripe_webhook_secret, age_s)
    with stack.bearing("realstaging", None) as http:
        return http.post(stripe_events.PATH, content=body, headers=headers)
