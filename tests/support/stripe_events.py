"""Stripe's events, from the samples, for one subscriber or many, and signed as Stripe signs them."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripe import WebhookSignature

from vitrine.billing.stripe.models import Envelope

SAMPLES = Path(__file__).parents[2] / "events" / "samples"
NAMES = tuple(sorted(path.stem.removeprefix("stripe_") for path in SAMPLES.glob("stripe_*.json")))
STORY = (
    "customer_subscription_created",
    "customer_subscription_updated",
    "customer_subscription_deleted",
    "invoice_paid",
    "invoice_payment_succeeded",
    "invoice_payment_failed",
    "checkout_session_completed",
)
"""What Stripe sends of one subscription, from its beginning to its end."""
PATH = "/api/v1/stripe/webhook"
NEWEST, OLDER = "whsec_test_newest", "whsec_test_older"

Json = dict[str, Any]


@dataclass(frozen=True)
class Subscriber:
    """One customer whose events are the samples with ids of their own. `mark` is what sets the ids apart."""

    tenant: str
    mark: str

    def event(self, name: str, **changes: Any) -> Json:
        """A sample; `changes` replace fields of the object in it, `created` and `id` those of the event."""
        text = (SAMPLES / f"stripe_{name}.json").read_text()
        event: Json = json.loads(text.replace("SMPL", self.mark).replace("ten_sample", self.tenant))
        for field in ("created", "id"):
            event[field] = changes.pop(field, event[field])
        event["data"]["object"].update(changes)
        return event

    def envelope(self, name: str, **changes: Any) -> Envelope:
        return Envelope.model_validate(self.event(name, **changes))


def signature(body: str, secret: str = NEWEST, age_s: float = 0) -> str:
    return str(WebhookSignature.generate_signature_header(body, secret, int(time.time() - age_s)))
