"""OIDC access tokens: signature by the provider's JWKS, issuer, audience and expiry; algorithms pinned."""

from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import jwt
from jwt.exceptions import InvalidSignatureError, InvalidTokenError

from vitrine.identity.keys import SigningKeys
from vitrine.identity.models import Claims
from vitrine.identity.rules import principal_of
from vitrine.kernel.environment import Oidc
from vitrine.kernel.errors import Unauthenticated
from vitrine.kernel.principal import Principal

ALGORITHMS = ("RS256", "ES256")
LEEWAY_S = 30
_MAX_TOKEN = 16_384
_ACCESS_TYPES = ("", "jwt", "at+jwt")
# OpenID Connect Core sections 2 and 3: what only an ID token says.
_ID_TOKEN_CLAIMS = frozenset({"nonce", "at_hash", "c_hash"})
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
        header = _header(token)
        for key in self._keys.find(str(header["kid"]), str(header["alg"]), now):
            with suppress(InvalidSignatureError):
                claims = self._signed(token, key)
                self._check_type(header, claims)
                _check_times(claims, now)
                return claims
        raise _invalid()

    def _signed(self, token: str, key: jwt.PyJWK) -> Claims:
        """Raises `InvalidSignatureError` for what another key may have signed, `Unauthenticated` for anything else."""
        try:
            claims: Claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
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
        except InvalidSignatureError:
            raise
        except InvalidTokenError:
            raise _invalid() from None
        return claims

    def _check_type(self, header: dict[str, Any], claims: Claims) -> None:
        """An ID token tells a client who signed in, and opens no API (RFC 9068 section 2.1)."""
        kind, wanted = _media_type(header.get("typ")), _media_type(self._provider.oidc_token_typ)
        if wanted and kind != wanted:
            raise _invalid()
        if kind not in (wanted, *_ACCESS_TYPES) or (kind != "at+jwt" and not _ID_TOKEN_CLAIMS.isdisjoint(claims)):
            raise _invalid()


def _media_type(typ: object) -> str:
    return str(typ or "").lower().removeprefix("application/")


def _header(token: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token) if len(token) <= _MAX_TOKEN else {}
    except InvalidTokenError:
        raise _invalid() from None
    if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str):
        raise _invalid()
    return header


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
