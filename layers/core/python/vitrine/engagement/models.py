from enum import StrEnum

from pydantic import AwareDatetime, Field

from vitrine.kernel.record import Record


class SigningSecret(Record):
    """`value` is `whsec_` and base 64. One that was replaced signs too until `expires_at`."""

    id: str
    value: str = Field(repr=False)
    expires_at: AwareDatetime | None = None


class DisabledReason(StrEnum):
    BY_CUSTOMER = "by_customer"
    GONE = "gone"
    FAILING = "failing"


class Webhook(Record):
    """Where a tenant wants to hear of which events. `secrets` has the newest first; `version` grows with every change.

    `failing_since` is the first failure that no success has followed.
    """

    id: str
    tenant: str
    surface: str
    url: str = Field(repr=False)
    events: tuple[str, ...]
    description: str | None = None
    disabled: DisabledReason | None = None
    failing_since: AwareDatetime | None = None
    secrets: tuple[SigningSecret, ...]
    version: int = 1
    created_at: AwareDatetime
    updated_at: AwareDatetime


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Attempt(Record):
    """One call. `outcome` is a word: delivered, gone, redirected, rejected (4xx), failed (5xx), or why none was had.

    `retry_after_s` is how long the receiver asked us to wait, if it did.
    """

    at: AwareDatetime
    outcome: str
    status: int | None
    duration_ms: int
    retry_after_s: int | None = None


class Delivery(Record):
    """One event on its way to one webhook: `payload` is the body, byte for byte, since it is signed at each attempt.

    `event_id` travels as `webhook-id` and stays the same however often the event is sent.
    """

    id: str
    tenant: str
    webhook_id: str
    event_id: str
    type: str
    payload: str = Field(repr=False)
    state: DeliveryState = DeliveryState.PENDING
    attempts: tuple[Attempt, ...] = ()
    next_attempt_at: AwareDatetime | None = None
    resends: str | None = None
    created_at: AwareDatetime


class Step(Record):
    """What the state machine does next: wait and try again, or nothing."""

    again: bool
    wait_s: int = Field(default=0, ge=0)
