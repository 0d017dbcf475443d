"""The webhook state machine from outside: one execution a delivery, named after it, so that it starts exactly once."""

from vitrine.engagement.models import Delivery
from vitrine.kernel import executions
from vitrine.kernel.environment import WebhookMachine


def start(delivery: Delivery, machine: WebhookMachine) -> None:
    """Key: the delivery's id."""
    told = {"tenant": delivery.tenant, "endpoint_id": delivery.endpoint_id, "delivery_id": delivery.id}
    executions.start(machine.webhook_state_machine_arn, delivery.id, told)
