"""Names derived from a verified token, so that no look-up is needed to know whose data a request is about."""

import base64
import hashlib

from vitrine.identity.models import Claims
from vitrine.kernel.principal import Principal


def principal_of(claims: Claims) -> Principal:
    """The same person at the same issuer is always the same tenant and actor."""
    name = _digest(claims["iss"], claims["sub"])
    scopes = frozenset(str(claims.get("scope", "")).split())
    return Principal(
        f"ten_{name}",
        f"usr_{name}",
        issuer=claims["iss"],
        subject=claims["sub"],
        scopes=scopes,
        email=claims.get("email"),
    )


def _digest(issuer: str, subject: str) -> str:
    # A length before the issuer, so that no two pairs run together into the same text.
    raw = hashlib.sha256(f"{len(issuer)}:{issuer}{subject}".encode()).digest()
    return base64.b32encode(raw[:15]).decode().lower()
