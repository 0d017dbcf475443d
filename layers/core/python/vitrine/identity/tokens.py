"""OIDC access tokens: signature by the provider's JWKS, issuer, audience and expiry; algorithms pinned."""

from datetime import datetime
from functools import partial

import jwt
from jwt.exceptions import InvalidTokenError

from vitrine.identity.keys import SigningKeys
from vitrine.identity.models import Claims
from vitrine.identity.rules import principal_of
from vitrine.kernel.environment import Oidc
from vitrine.kernel.errors import Unauthenticated
from vitrine.kernel.principal import Principal

ALGORITHMS = ("RS256", "ES256")
LEEWAY_S = 30
_MAX_TOKEN = 16_384
_invalid = partial(Unauthenticated, "This token is not valid here.")


class OidcVerifier:
    """Verifies access tokens of one provider; an `Authenticate` of `vitrine.kernel.http`."""

    def __init__(self, provider: Oidc, keys: SigningKeys | None = None) -> None:
        self._provider = provider
        self._keys = keys or SigningKeys(provider)

    def __call__(self, token: str, now: datetime) -> Principal:
        return principal_of(self.claims(token, now))

    def claims(self, token: str, now: datetime) -> Claims:
        """Raises `Unauthenticated` for any token that does not hold; the message does not say which check failed."""
        key = self._keys.find(_kid(token), now)
        if key is None:
            raise _invalid()
        try:
            claims: Claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm for algorithm in ALGORITHMS if algorithm == key.algorithm_name],
                issuer=self._provider.oidc_issuer,
                audience=self._provider.oidc_audience,
                # PyJWT reads the wall clock; ours is an argument, so times are checked below.
                options={
                    "require": ["iss", "aud", "exp", "sub"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except InvalidTokenError:
            raise _invalid() from None
        _check_times(claims, now)
        return claims


def _kid(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token) if len(token) <= _MAX_TOKEN else {}
    except InvalidTokenError:
        raise _invalid() from None
    if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str):
        raise _invalid()
    return str(header["kid"])


def _check_times(claims: Claims, now: datetime) -> None:
    moment = now.timestamp()
    try:
        expires, begins = float(claims["exp"]), float(claims.get("nbf", 0))
    except (TypeError, ValueError):
        raise _invalid() from None
    if moment >= expires + LEEWAY_S:
        raise Unauthenticated("This token has expired.", code="token_expired")
    if begins > moment + LEEWAY_S or not claims["sub"]:
        raise _invalid()
