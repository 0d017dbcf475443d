"""OIDC access and ID tokens: signature by the provider's JWKS, issuer, audience and expiry; algorithms pinned."""

import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import jwt
from jwt.exceptions import InvalidSignatureError, InvalidTokenError

from vitrine.identity.keys import SigningKeys
from vitrine.identity.models import Claims
from vitrine.identity.rules import principal_of
from vitrine.kernel.environment import Oidc, OidcLogin
from vitrine.kernel.errors import Unauthenticated, Unavailable
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
        self._signed = _Signed(provider.oidc_issuer, provider.oidc_audience, keys or SigningKeys(provider))

    def __call__(self, token: str, now: datetime) -> Principal:
        return principal_of(self.claims(token, now))

    def claims(self, token: str, now: datetime) -> Claims:
        """Raises `Unauthenticated` for any token that does not hold; the message does not say which check failed."""
        header, claims = self._signed(token, now)
        self._check_type(header, claims)
        _check_times(claims, now)
        return claims

    def _check_type(self, header: dict[str, Any], claims: Claims) -> None:
        """An ID token tells a client who signed in, and opens no API (RFC 9068 section 2.1)."""
        kind, wanted = _media_type(header.get("typ")), _media_type(self._provider.oidc_token_typ)
        if wanted and kind != wanted:
            raise _invalid()
        if kind not in (wanted, *_ACCESS_TYPES) or (kind != "at+jwt" and not _ID_TOKEN_CLAIMS.isdisjoint(claims)):
            raise _invalid()


class IdTokenVerifier:
    """Verifies ID tokens that a provider made for our client (OpenID Connect Core section 3.1.3.7)."""

    def __init__(self, provider: OidcLogin, keys: SigningKeys | None = None) -> None:
        self._client = provider.oidc_client_id
        self._signed = _Signed(provider.oidc_issuer, provider.oidc_client_id, keys or SigningKeys(provider))

    def __call__(self, token: str, nonce: str | None, now: datetime) -> Claims:
        """Who signed in. `nonce` is what the client sent with its sign-in, where it says so.

        Raises `Unauthenticated` for any token that does not hold, and `Unavailable` where no client is set up.
        """
        if self._client is None:
            raise Unavailable(
                "Nobody can sign in yet: no client of the identity provider is set up.", retry_after_s=600
            )
        header, claims = self._signed(token, now)
        self._check(header, claims)
        if nonce is not None and not hmac.compare_digest(nonce.encode(), str(claims.get("nonce", "")).encode()):
            raise _invalid()
        _check_times(claims, now)
        _check_begun(claims, now)
        return claims

    def _check(self, header: dict[str, Any], claims: Claims) -> None:
        """An access token, which an API was given, tells nobody who signed in. `typ` and `token_use` are how Keycloak
        and Cognito name the kind."""
        kinds = (str(claims.get("typ", "id")).lower(), str(claims.get("token_use", "id")).lower())
        if _media_type(header.get("typ")) not in ("", "jwt") or kinds != ("id", "id") or "scope" in claims:
            raise _invalid()
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._client) != self._client:
            raise _invalid()


@dataclass(frozen=True)
class _Signed:
    """Header and claims of a token that the issuer signed for this audience; its times are not looked at."""

    issuer: str
    audience: str | None
    keys: SigningKeys

    def __call__(self, token: str, now: datetime) -> tuple[dict[str, Any], Claims]:
        header = _header(token)
        for key in self.keys.find(str(header["kid"]), str(header["alg"]), now):
            with suppress(InvalidSignatureError):
                return header, self._decoded(token, key)
        raise _invalid()

    def _decoded(self, token: str, key: jwt.PyJWK) -> Claims:
        """Raises `InvalidSignatureError` for what another key may have signed, `Unauthenticated` for anything else."""
        try:
            claims: Claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                issuer=self.issuer,
                audience=self.audience,
                # PyJWT reads the wall clock; ours is an argument, so times are checked apart.
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


def _check_begun(claims: Claims, now: datetime) -> None:
    """An ID token says when it was made, which is not in the future."""
    try:
        made = float(claims["iat"])
    except (KeyError, TypeError, ValueError):
        raise _invalid() from None
    if made > now.timestamp() + LEEWAY_S:
        raise _invalid()
