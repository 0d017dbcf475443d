"""The webhook state machine from outside: one execution a delivery, named after it, so that it starts exactly once."""

import json

from botocore.exceptions import ClientError

from vitrine.engagement.models import Delivery
from vitrine.kernel import clients
from vitrine.kernel.environment import WebhookMachine


def start(delivery: Delivery, machine: WebhookMachine) -> None:
    """Key: the delivery's id. Starting it again does nothing, even after it ended."""
    keys = {"tenant": delivery.tenant, "endpoint_id": delivery.endpoint_id, "delivery_id": delivery.id}
    try:
        clients.states().start_execution(
            stateMachineArn=machine.webhook_state_machine_arn, name=delivery.id, input=json.dumps(keys)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
