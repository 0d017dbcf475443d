"""Stripe's webhook."""

from typing import Literal

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel, ValidationError

from functions.realstaging_api.surface import SURFACE
from vitrine.billing.stripe import service
from vitrine.billing.stripe.models import Envelope
from vitrine.billing.stripe.signature import signing_secrets, verify
from vitrine.kernel import secrets
from vitrine.kernel.environment import StripeSecret
from vitrine.kernel.errors import BadRequest
from vitrine.kernel.http import Allow, Api, Now

api = Api(SURFACE)
handler = api.handler
_SECRET = StripeSecret.load()


class Received(BaseModel):
    received: Literal[True] = True


@api.post(
    "/api/v1/stripe/webhook",
    summary="Take an event from Stripe",
    description="Signed by Stripe. Recorded before it acts, and acts once. What we do not use is recorded and left.",
    tags=["billing"],
    allow=Allow.PUBLIC,
    round_trips=1,
    # The handler verifies and reads the body itself.
    errors=(400, 413, 415, 422),
    parameters=[{"name": "Stripe-Signature", "in": "header", "required": True, "schema": {"type": "string"}}],
)
def take_stripe_event(now: Now) -> Received:
    service.receive(_verified(api.routes.current_event), now)
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
