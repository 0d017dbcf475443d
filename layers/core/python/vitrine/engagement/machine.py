"""The webhook state machine from outside: one execution a delivery, named after it, so that it starts exactly once."""

from vitrine.engagement.models import Delivery
from vitrine.kernel import executions
from vitrine.kernel.environment import WebhookMachine


def start(delivery: Delivery, machine: WebhookMachine) -> None:
    """Idempotency key: the delivery's id."""
    given = {"tenant": delivery.tenant, "webhook_id": delivery.webhook_id, "delivery_id": delivery.id}
    executions.start(machine.webhook_state_machine_arn, delivery.id, given)
