"""One attempt at a delivery: sign, call, record what came of it, and say when to try again."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from standardwebhooks import Webhook as Signer

from vitrine.engagement import rules, store
from vitrine.engagement.models import Attempt, Delivery, DeliveryState, Step, Webhook
from vitrine.kernel import addresses, outbound
from vitrine.kernel.addresses import Refused, Target
from vitrine.kernel.environment import Deployment, Receivers
from vitrine.kernel.errors import NotFound
from vitrine.kernel.outbound import Answered, CallFailed

Post = Callable[[Target, bytes, dict[str, str]], Answered]

OVER = Step(again=False)
EARLY = timedelta(seconds=1)
"""Whoever asks sooner than so much before the time repeats an attempt whose answer was lost."""


def loopback_allowed() -> bool:
    """Receivers on this machine exist in the embedded cloud alone, and only where its deployment says so."""
    return Deployment.load().environment == "local" and Receivers.load().webhook_loopback


def deliver(
    tenant: str, webhook_id: str, delivery_id: str, now: datetime, *, loopback: bool, post: Post = outbound.post
) -> Step:
    """Make the next attempt.

    Idempotency key: delivery and attempt; one that was recorded already is answered with its record.

    A receiver may be called twice when we crash between call and record: the event's id tells it so.
    """
    delivery = store.get_delivery(tenant, webhook_id, delivery_id)
    if delivery is None or delivery.state is not DeliveryState.PENDING:
        return OVER
    if delivery.next_attempt_at is not None and delivery.next_attempt_at - now > EARLY:
        return _step(delivery, now)
    webhook = store.get(tenant, webhook_id)
    if webhook is None or webhook.disabled is not None:
        store.end_delivery(delivery.model_copy(update={"state": DeliveryState.FAILED, "next_attempt_at": None}))
        return OVER
    attempt = _attempt(webhook, delivery, now, loopback=loopback, post=post)
    tried = rules.attempted(delivery, attempt, now)
    store.replace_delivery(tried)
    _tell(webhook, attempt)
    return _step(tried, now)


def _tell(webhook: Webhook, attempt: Attempt) -> None:
    if rules.heard(webhook, attempt) is webhook:
        return
    try:
        store.change(webhook.tenant, webhook.id, lambda found: rules.heard(found, attempt))
    except NotFound:
        return


def _step(delivery: Delivery, now: datetime) -> Step:
    if delivery.next_attempt_at is None:
        return OVER
    return Step(again=True, wait_s=max(1, round((delivery.next_attempt_at - now).total_seconds())))


def _attempt(webhook: Webhook, delivery: Delivery, now: datetime, *, loopback: bool, post: Post) -> Attempt:
    started = time.monotonic()
    try:
        target = addresses.parse(webhook.url, loopback=loopback)
        answer = post(target, delivery.payload.encode(), headers(webhook, delivery, now))
    except (Refused, CallFailed) as error:
        word = "refused" if isinstance(error, Refused) else error.reason
        return Attempt(at=now, outcome=word, status=None, duration_ms=round((time.monotonic() - started) * 1000))
    return Attempt(
        at=now,
        outcome=rules.outcome_of(answer.status),
        status=answer.status,
        duration_ms=answer.duration_ms,
        retry_after_s=rules.retry_after(answer.retry_after, now),
    )


def headers(webhook: Webhook, delivery: Delivery, now: datetime) -> dict[str, str]:
    """As Standard Webhooks names them: the attempt's time, and one signature for each secret that holds."""
    signed = [
        Signer(secret.value).sign(delivery.event_id, now, delivery.payload) for secret in rules.signing(webhook, now)
    ]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Vitrine-Webhooks/1",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }
