"""An environment on AWS (moto) as operators' commands find it: by the outputs of its data stack."""

import json
from typing import Any

from tests.support.cloud import client
from vitrine.kernel.schema import TABLES

OUTPUTS = {
    **{f"{table.name.title()}TableIs": table.name for table in TABLES},
    "UploadsBucketIs": "uploads",
    "MediaBucketIs": "media",
    "KeyPepperIs": "key-pepper",
    "TokenSecretIs": "token-secret",
    "SigningSecretIs": "signing-secret",
    "StripeWebhookSecretIs": "stripe-webhook-secret",
}
PROD = ("--environment", "prod", "--region", "us-east-1")


def deploy(outputs: dict[str, str] = OUTPUTS, *, queues: tuple[str, ...] = ()) -> None:
    """The data stack, and with `queues` a pipeline stack that holds queues of these logical ids."""
    bus: dict[str, Any] = {"Bus": {"Type": "AWS::SNS::Topic"}}
    said = {key: {"Value": value} for key, value in outputs.items()}
    _create("data", {"Resources": bus, "Outputs": said})
    if queues:
        _create("pipeline", {"Resources": {id_: {"Type": "AWS::SQS::Queue"} for id_ in queues}})


def _create(stack: str, template: dict[str, Any]) -> None:
    client("cloudformation").create_stack(StackName=f"vitrine-prod-{stack}", TemplateBody=json.dumps(template))
