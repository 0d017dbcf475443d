"""When to try again, when to stop, and which secrets sign."""

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil
from typing import cast

from vitrine.engagement.models import (
    Attempt,
    Delivery,
    DeliveryState,
    DisabledReason,
    SigningSecret,
    Webhook,
)
from vitrine.kernel.errors import Conflict
from vitrine.kernel.surface import Limit

MAX_WEBHOOKS = 10
MAX_PAYLOAD = 20_000
"""Bytes; what Standard Webhooks recommends at most."""
MAX_SECRETS = 3
OVERLAP = timedelta(hours=24)
KEPT = timedelta(days=30)

TRY_FOR = timedelta(hours=72)
PATIENCE = timedelta(days=5)
"""An webhook that has failed for so long without one success in between is disabled."""
_WAITS_S = (2, 10, 60, 300, 1800, 7200, 14_400, 28_800, 43_200)
_JITTER = 0.2
LONGEST_ASKED_FOR = timedelta(seconds=_WAITS_S[-1])
"""A receiver may ask us to wait so long and no longer, so that one header cannot use up the 72 hours."""
SENT_BY_HAND = Limit("webhook", 60, 3600)
"""Tests and resends of a tenant: each may call somebody else's host a dozen times over three days."""
_SECONDS = re.compile("[0-9]{1,9}")


class TooManySecrets(Conflict):
    code = "too_many_secrets"


def new_secret(secret_id: str, chance: bytes) -> SigningSecret:
    """`chance` is 32 random bytes; the specification takes 24 to 64."""
    return SigningSecret(id=secret_id, value=f"whsec_{base64.b64encode(chance).decode()}")


def rotate(webhook: Webhook, new: SigningSecret, now: datetime) -> Webhook:
    """The new secret signs first; the one before signs beside it for the overlap. A repeat changes nothing.

    Raises `TooManySecrets` rather than let a secret end before its time.
    """
    if webhook.secrets[0].id == new.id:
        return webhook
    newest, *older = signing(webhook, now)
    if len(older) + 2 > MAX_SECRETS:
        raise TooManySecrets("Earlier secrets still sign. Rotate again when the oldest has ended.")
    ending = newest.model_copy(update={"expires_at": now + OVERLAP})
    return _changed(webhook, now, secrets=(new, ending, *older))


def signing(webhook: Webhook, now: datetime) -> tuple[SigningSecret, ...]:
    """The secrets that sign at this moment, the newest first."""
    return tuple(secret for secret in webhook.secrets if secret.expires_at is None or secret.expires_at > now)


def wait_after(delivery: Delivery, now: datetime) -> timedelta | None:
    """How long to wait before the next attempt, the last of which comes 72 hours after the event; None after that.

    Waits grow to half a day. Jitter of a fifth comes from the delivery's id, so that a repeat decides the same. A
    receiver that asks for a longer wait gets it, up to `LONGEST_ASKED_FOR`.
    """
    left = delivery.created_at + TRY_FOR - now
    if left <= timedelta(seconds=1):
        return None
    number = len(delivery.attempts)
    wait = _WAITS_S[min(number, len(_WAITS_S)) - 1] * _stretch(f"{delivery.id}/{number}")
    asked = min(timedelta(seconds=delivery.attempts[-1].retry_after_s or 0), LONGEST_ASKED_FOR)
    return min(max(timedelta(seconds=max(1, round(wait))), asked), left)


def retry_after(header: str | None, now: datetime) -> int | None:
    """The seconds that a Retry-After header asks for: a number of them, or a date (RFC 9110 section 10.2.3).

    None for anything else, and for a date that has passed.
    """
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return int(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    seconds = ceil((until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
    return seconds if seconds > 0 else None


def _stretch(seed: str) -> float:
    """Between 1 - jitter and 1 + jitter."""
    share = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") / 2**32
    return 1 - _JITTER + 2 * _JITTER * share


def outcome_of(status: int) -> str:
    if 200 <= status < 300:
        return "delivered"
    if status == 410:
        return "gone"
    kinds = {3: "redirected", 4: "rejected"}
    return kinds.get(status // 100, "failed")


def attempted(delivery: Delivery, attempt: Attempt, now: datetime) -> Delivery:
    """The delivery with one more attempt: delivered, to be tried again, or failed for good."""
    tried = delivery.model_copy(update={"attempts": (*delivery.attempts, attempt), "next_attempt_at": None})
    if attempt.outcome == "delivered":
        return tried.model_copy(update={"state": DeliveryState.DELIVERED})
    wait = None if attempt.outcome == "gone" else wait_after(tried, now)
    if wait is None:
        return tried.model_copy(update={"state": DeliveryState.FAILED})
    return tried.model_copy(update={"next_attempt_at": now + wait})


def heard(webhook: Webhook, attempt: Attempt) -> Webhook:
    """What an attempt says about its webhook; the same object when it says nothing new."""
    if attempt.outcome == "delivered":
        return webhook if webhook.failing_since is None else _changed(webhook, attempt.at, failing_since=None)
    since = webhook.failing_since or attempt.at
    reason = _why_disabled(attempt, since)
    if webhook.disabled is not None or (reason is None and webhook.failing_since):
        return webhook
    return _changed(webhook, attempt.at, failing_since=since, disabled=reason)


def _why_disabled(attempt: Attempt, failing_since: datetime) -> DisabledReason | None:
    if attempt.outcome == "gone":
        return DisabledReason.GONE
    return DisabledReason.FAILING if attempt.at - failing_since >= PATIENCE else None


def changed(webhook: Webhook, said: dict[str, object], now: datetime) -> Webhook:
    """What a customer may say: `enabled` true also forgets earlier failures."""
    if "events" in said:
        said["events"] = tuple(dict.fromkeys(cast(tuple[str, ...], said["events"])))
    enabled = said.pop("enabled", None)
    if enabled is True:
        said |= {"disabled": None, "failing_since": None}
    elif enabled is False:
        said["disabled"] = DisabledReason.BY_CUSTOMER
    return _changed(webhook, now, **said)


def _changed(webhook: Webhook, now: datetime, **changes: object) -> Webhook:
    return webhook.model_copy(update={**changes, "version": webhook.version + 1, "updated_at": now})
