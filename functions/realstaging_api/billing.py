"""Stripe's webhook."""

from typing import Literal

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel, ValidationError

from vitrine.billing.stripe import service
from vitrine.billing.stripe.models import Envelope
from vitrine.billing.stripe.signature import signing_secrets, verify
from vitrine.kernel import secrets
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Deployment, StripeSecret
from vitrine.kernel.errors import BadRequest
from vitrine.kernel.http import Api

# Not `api.guarded()`: its module loads PyJWT and cryptography, 70 ms of cold start that a public route has no use for.
Deployment.load()
api = Api("realstaging", guard=None)
handler = api.handler
routes = api.routes
_SECRET = StripeSecret.load()


class Received(BaseModel):
    received: Literal[True] = True


@routes.post(
    "/api/v1/stripe/webhook",
    summary="Take an event from Stripe",
    description="Signed by Stripe. Recorded before it acts, and acts once.",
    tags=["billing"],
)
def take_stripe_event() -> Received:
    service.receive(_verified(routes.current_event), utc_now())
    return Received()


def _verified(request: APIGatewayProxyEventV2) -> Envelope:
    """Raises `BadRequest` for what Stripe did not sign, and for what is no event."""
    body = request.body or ""
    verify(
        body, request.headers.get("stripe-signature"), signing_secrets(secrets.value(_SECRET.stripe_webhook_secret_arn))
    )
    try:
        return Envelope.model_validate_json(body)
    except ValidationError:
        raise BadRequest("The body is no event.") from None
