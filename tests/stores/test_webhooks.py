"""Webhooks and their deliveries in DynamoDB, with a clock that the test moves and receivers that are real."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
import time_machine
from botocore.exceptions import ClientError
from standardwebhooks import Webhook as Signer

from functions.reactions import tell_customers
from tests.support.builders import any_call, any_job
from tests.support.clock import NOW
from tests.support.receiver import Says, receiving
from tests.support.requests import CONTEXT
from vitrine.contracts.announcements import Announcement
from vitrine.engagement import sending, service, store
from vitrine.engagement.models import Delivery, DeliveryState, DisabledReason, Webhook
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobError
from vitrine.kernel import outbound, tables
from vitrine.kernel.addresses import Target
from vitrine.kernel.call import Call
from vitrine.kernel.environment import WebhookMachine
from vitrine.kernel.errors import Invalid, NotFound
from vitrine.kernel.outbound import Answered, CallFailed
from vitrine.staging.models import StageInput

HERE = "realstaging"
ROLE = "arn:aws:iam::123456789012:role/any"


@pytest.fixture(autouse=True)
def machine(_cloud: None) -> WebhookMachine:
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
    boto3.client("stepfunctions").create_state_machine(name="webhook", definition=json.dumps(definition), roleArn=ROLE)
    return WebhookMachine.load()


def executions(machine: WebhookMachine) -> list[str]:
    arn = machine.webhook_state_machine_arn
    return [run["name"] for run in boto3.client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]]


def registered(call: Call, url: str = "https://hooks.example.com/", *events: str) -> Webhook:
    return service.register(call, HERE, url, events or ("image.error",), None, loopback=True)


def answering(*statuses: int | str) -> Callable[[Target, bytes, dict[str, str]], Answered]:
    """A network where receivers answer these in turn: a status, or a reason why there is no answer."""
    left = list(statuses)

    def post(_target: Target, _body: bytes, _headers: dict[str, str]) -> Answered:
        said = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(said, str):
            raise CallFailed(said)
        return Answered(said, 1)

    return post


def deliver(delivery: Delivery, now: datetime = NOW, post: Any = outbound.post) -> Any:
    return sending.deliver(delivery.tenant, delivery.webhook_id, delivery.id, now, loopback=True, post=post)


def stored(delivery: Delivery) -> Delivery:
    found = store.get_delivery(delivery.tenant, delivery.webhook_id, delivery.id)
    assert found is not None
    return found


def a_failed_staging(tenant: str) -> Job:
    options = StageInput(photo_key="k", room_type=None, style="modern_luxury", seed=1, quality="standard", surface=HERE)
    job = any_job(tenant=tenant, input=options.model_dump(mode="json"))
    tables.commit(*jobs.queueing(job))
    error = JobError(code="upload_rejected", message="The photo was rejected.")
    return jobs.change(tenant, job.id, lambda job: jobs_rules.fail(job, error, NOW))


def failed(tenant: str) -> Announcement:
    return Announcement(
        tenant=tenant, event_id="img_1_2", surface=HERE, type="image.error", at=NOW, data={"id": "img_1"}
    )


def test_nothing_is_made_for_a_tenant_without_webhooks_and_what_nobody_announces_is_not_sent(
    machine: WebhookMachine,
) -> None:
    call = any_call()

    def never() -> Announcement:
        raise AssertionError("made for nobody")

    assert service.announce(call.tenant, never, machine) == 0
    registered(call)
    assert service.announce(call.tenant, lambda: None, machine) == 0


def test_the_reaction_turns_a_jobs_event_into_what_its_webhooks_are_sent(machine: WebhookMachine) -> None:
    call = any_call()
    hook = registered(call)
    event = jobs_rules.event_of(a_failed_staging(call.tenant))
    for _ in range(2):
        tell_customers.handler({"detail": event.model_dump(mode="json")}, CONTEXT)
    (delivery,), _ = service.deliveries(call, HERE, hook.id, 10, None)
    assert (delivery.event_id, delivery.type) == (f"{event.job_id}_{event.number}", "image.error")
    assert json.loads(delivery.payload)["data"]["errorCode"] == "upload_rejected"
    assert executions(machine) == [delivery.id]


def test_a_webhook_is_found_listed_changed_and_deleted_by_its_owner_alone() -> None:
    call, stranger = any_call(), any_call()
    hook = registered(call)
    assert service.find(call, HERE, hook.id) == hook
    assert service.webhooks(call, HERE) == [hook]
    assert service.webhooks(stranger, HERE) == service.webhooks(call, "stagecraft") == []
    for owner, surface in ((stranger, HERE), (call, "stagecraft")):
        with pytest.raises(NotFound):
            service.remove(owner, surface, hook.id)
    changed = service.change(call, HERE, hook.id, {"description": "new"}, loopback=False)
    assert (changed.description, changed.url, changed.version) == ("new", hook.url, 2)
    service.remove(call, HERE, hook.id)
    with pytest.raises(NotFound):
        service.find(call, HERE, hook.id)


def test_an_account_may_have_ten_webhooks_and_another_once_one_is_deleted() -> None:
    call = any_call()
    hooks = [registered(call) for _ in range(10)]
    with pytest.raises(store.TooManyWebhooks):
        registered(call)
    service.remove(call, HERE, hooks[0].id)
    registered(call)
    assert len(service.webhooks(call, HERE)) == 10


@pytest.mark.parametrize("url", ["http://hooks.example.com/", "https://10.0.0.1/", "https://localhost/"])
def test_a_url_that_we_would_not_call_is_refused_with_its_field(url: str) -> None:
    call = any_call()
    hook = registered(call)
    with pytest.raises(Invalid) as refused:
        registered(call, url)
    assert refused.value.fields[0].where == "body.url"
    with pytest.raises(Invalid):
        service.change(call, HERE, hook.id, {"url": url}, loopback=True)


def test_an_event_starts_once_for_each_webhook_that_asked_for_it(machine: WebhookMachine) -> None:
    call = any_call()
    asked = [registered(call), registered(call, "https://hooks.example.com/", "image.ready", "image.error")]
    registered(call, "https://hooks.example.com/", "image.ready")
    off = registered(call)
    service.change(call, HERE, off.id, {"enabled": False}, loopback=False)
    registered(any_call())
    said = failed(call.tenant)
    assert [service.announce(call.tenant, lambda: said, machine) for _ in range(2)] == [2, 2]
    started = executions(machine)
    assert len(started) == 2
    found = {hook.id: service.deliveries(call, HERE, hook.id, 10, None)[0] for hook in asked}
    assert sorted(started) == sorted(delivery.id for (delivery,) in found.values())
    assert {delivery.event_id for (delivery,) in found.values()} == {said.event_id}


def test_a_reaction_that_died_before_it_started_the_machine_is_made_up_for(machine: WebhookMachine) -> None:
    call = any_call()
    registered(call)
    said = failed(call.tenant)
    broken = WebhookMachine(webhook_state_machine_arn=machine.webhook_state_machine_arn + "-missing")
    with pytest.raises(ClientError):
        service.announce(call.tenant, lambda: said, broken)
    assert service.announce(call.tenant, lambda: said, machine) == 1
    assert len(executions(machine)) == 1


def test_an_attempt_reaches_a_receiver_signed_and_is_recorded(machine: WebhookMachine) -> None:
    call = any_call()
    with receiving(Says(204, body=b"")) as receiver:
        hook = registered(call, receiver.url)
        delivery = service.send_test(call, HERE, hook.id, machine)
        assert deliver(delivery, call.now).again is False
    (got,) = receiver.received
    with time_machine.travel(NOW, tick=False):  # the receiver's own library asks the real clock
        payload = Signer(hook.secrets[0].value).verify(got.body, got.headers)
    assert payload["data"] == {"webhook_id": hook.id}
    assert got.headers["content-type"] == "application/json"
    after = stored(delivery)
    assert (after.state, after.attempts[0].status) == (DeliveryState.DELIVERED, 204)


def test_a_receiver_that_stays_down_is_given_up_after_72_hours_and_its_webhook_after_five_days(
    machine: WebhookMachine,
) -> None:
    call = any_call()
    hook = registered(call)
    now = NOW
    for _ in range(2):
        delivery = service.send_test(Call(call.principal, now, call.ids, "r"), HERE, hook.id, machine)
        began = now
        while (step := deliver(delivery, now, answering("unreachable"))).again:
            now += timedelta(seconds=step.wait_s)
        assert stored(delivery).state is DeliveryState.FAILED
        assert now - began <= timedelta(hours=72)
    assert now - NOW > timedelta(days=5)
    assert service.find(call, HERE, hook.id).disabled is DisabledReason.FAILING


def test_an_attempt_whose_answer_was_lost_is_not_made_again_before_its_time(machine: WebhookMachine) -> None:
    call = any_call()
    delivery = service.send_test(call, HERE, registered(call).id, machine)
    first = deliver(delivery, NOW, answering(500))
    again = deliver(delivery, NOW + timedelta(milliseconds=200), answering(200))
    assert (again.again, again.wait_s) == (True, first.wait_s)
    assert len(stored(delivery).attempts) == 1


def test_what_was_delivered_is_not_sent_again_by_a_repeat(machine: WebhookMachine) -> None:
    call = any_call()
    delivery = service.send_test(call, HERE, registered(call).id, machine)
    deliver(delivery, NOW, answering(200))
    assert deliver(delivery, NOW, answering("never called")).again is False
    assert len(stored(delivery).attempts) == 1


def test_a_name_that_turns_private_after_registration_is_refused_at_the_call(machine: WebhookMachine) -> None:
    call = any_call()
    delivery = service.send_test(call, HERE, registered(call).id, machine)

    def rebound(target: Target, body: bytes, headers: dict[str, str]) -> Answered:
        return outbound.post(target, body, headers, resolver=lambda *_: ["169.254.169.254"])

    assert deliver(delivery, NOW, rebound).again is True
    assert stored(delivery).attempts[0].outcome == "refused"


def test_nothing_is_sent_to_a_webhook_that_was_deleted_or_disabled_meanwhile(machine: WebhookMachine) -> None:
    call = any_call()
    for end in (
        lambda hook: service.remove(call, HERE, hook.id),
        lambda hook: service.change(call, HERE, hook.id, {"enabled": False}, loopback=False),
    ):
        hook = registered(call)
        delivery = service.send_test(call, HERE, hook.id, machine)
        end(hook)
        assert deliver(delivery, NOW, answering("never called")).again is False
        assert (stored(delivery).state, stored(delivery).attempts) == (DeliveryState.FAILED, ())


def test_loopback_is_allowed_in_the_embedded_cloud_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def allowed(environment: str, flag: str) -> bool:
        monkeypatch.setenv("VITRINE_ENVIRONMENT", environment)
        monkeypatch.setenv("VITRINE_WEBHOOK_LOOPBACK", flag)
        return sending.loopback_allowed()

    assert allowed("local", "True")
    assert not allowed("local", "False")
    assert not allowed("prod", "True")
    assert not allowed("dev", "True")
