"""Access tokens of our own: JWTs (RFC 7519, after RFC 9068) signed with HS256, 15 minutes, verified without a look-up.

A token outlives the revocation of its key by those 15 minutes at most; its family's refresh tokens end at once.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import jwt
from jwt.exceptions import InvalidTokenError

from vitrine.identity.accounts.rules import ACCESS_FOR
from vitrine.kernel.clock import epoch_s
from vitrine.kernel.errors import Unauthenticated
from vitrine.kernel.principal import Principal

ISSUER = "urn:vitrine:accounts"
AUDIENCE = "urn:vitrine:stagecraft"
_ALGORITHM = "HS256"
_MAX_TOKEN = 4_096
_REQUIRED = ("iss", "aud", "exp", "iat", "sub", "tenant", "plan", "key_id")


class NotOurs(Unauthenticated):
    """No secret that is known verifies the token."""


invalid = partial(NotOurs, "This token is not valid here.", code="invalid_token")


def sign(principal: Principal, secret: str, now: datetime) -> str:
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": principal.actor,
        "tenant": principal.tenant,
        "plan": principal.plan,
        "key_id": principal.key_id,
        "iat": int(now.timestamp()),
        "exp": epoch_s(now + ACCESS_FOR),
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM, headers={"typ": "at+jwt"})


def verify(token: str, secrets: Sequence[str], now: datetime) -> Principal:
    """Raises `Unauthenticated`: code `token_expired` for one of ours whose time is over, else `invalid_token`."""
    if len(token) > _MAX_TOKEN or not token.isascii():
        raise invalid()
    for secret in secrets:
        claims = _claims(token, secret)
        if claims is not None:
            return _principal(claims, now)
    raise invalid()


def _claims(token: str, secret: str) -> dict[str, Any] | None:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            # PyJWT reads the wall clock; ours is an argument, so times are checked in `_principal`.
            options={"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except InvalidTokenError:
        return None
    return claims


def _principal(claims: dict[str, Any], now: datetime) -> Principal:
    if not isinstance(claims["exp"], int):
        raise invalid()
    if now.timestamp() >= claims["exp"]:
        raise Unauthenticated("This token has expired. Refresh it.", code="token_expired")
    return Principal(claims["tenant"], claims["sub"], plan=claims["plan"], key_id=claims["key_id"])
