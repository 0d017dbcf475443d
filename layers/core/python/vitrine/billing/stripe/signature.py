"""Stripe's signature over the raw body, checked by Stripe's own library.

Importing `stripe` is the whole cost (its `__init__` loads the HTTP clients), so only this module does.
"""

from collections.abc import Iterable

import stripe

from vitrine.kernel.errors import BadRequest

TOLERANCE_S = 300


def signing_secrets(value: str) -> tuple[str, ...]:
    """One secret a line, newest first. While a rotation lasts both hold, so that no event is lost."""
    return tuple(line.strip() for line in value.splitlines() if line.strip())


def verify(body: str, header: str | None, secrets: Iterable[str]) -> None:
    """Raises `BadRequest` unless one of the secrets signed this body in the last five minutes."""
    if not any(_holds(body, header, secret) for secret in secrets):
        raise BadRequest("This is not signed by Stripe.", code="bad_signature")


def _holds(body: str, header: str | None, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_S))
    except (stripe.SignatureVerificationError, TypeError, ValueError):
        # The library compares strings, and that raises TypeError when the header has other than ASCII characters.
        return False
