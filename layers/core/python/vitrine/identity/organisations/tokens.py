"""Tokens of devices and people: JWTs (RFC 7519) with the contract's claims, signed by `keys`."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import jwt
from jwt.exceptions import InvalidTokenError

from vitrine.identity.organisations import keys, rules
from vitrine.identity.organisations.models import Actor, IssuedToken, Role, TokenClaims
from vitrine.kernel.clock import epoch_s
from vitrine.kernel.errors import Unauthenticated

ISSUER = "urn:vitrine:organisations"
AUDIENCE = "urn:vitrine:imaging360"
_MAX_TOKEN = 16_384
_REQUIRED = ("iss", "aud", "exp", "iat", "sub", "org_id", "role")
invalid = partial(Unauthenticated, "This token is not valid here.", code="invalid_token")


def issue(actor: Actor, sites: tuple[str, ...], token_id: str, now: datetime) -> IssuedToken:
    """A token for the actor. `sites` stand in a person's, as the contract has it; what counts is what the actor may
    use when it calls."""
    lasts = rules.DEVICE_TOKEN_FOR if actor.role is Role.DEVICE else rules.USER_TOKEN_FOR
    key = keys.newest()
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": actor.id,
        "org_id": rules.org_id_of(actor.tenant),
        **({} if actor.role is Role.DEVICE else {"site_ids": list(sites)}),
        "role": actor.role.value,
        "jti": token_id,
        "iat": int(now.timestamp()),
        "exp": epoch_s(now + lasts),
    }
    text = jwt.encode(claims, key.private, algorithm=keys.ALGORITHM, headers={"kid": key.kid})
    return IssuedToken(actor=actor.id, token=text, expires_in=int(lasts.total_seconds()))


def verify(token: str, now: datetime, *, grace: timedelta = timedelta(0)) -> TokenClaims:
    """What a token of ours says. Reads no table.

    Raises `Unauthenticated`: code `token_expired` for one of ours whose time was over `grace` ago, else
    `invalid_token`.
    """
    claims = _signed(token)
    try:
        found = _claims(claims)
    except (TypeError, ValueError, AttributeError):
        raise invalid() from None
    if now.timestamp() >= claims["exp"] + grace.total_seconds():
        raise Unauthenticated("This token has expired.", code="token_expired")
    return found


def _claims(claims: dict[str, Any]) -> TokenClaims:
    if type(claims["exp"]) is not int:
        raise invalid()
    org_id, actor = str(uuid.UUID(claims["org_id"])), str(uuid.UUID(claims["sub"]))
    return TokenClaims(tenant=rules.tenant_of(org_id), org_id=org_id, actor=actor, role=Role(claims["role"]))


def _signed(token: str) -> dict[str, Any]:
    key = _key_of(token)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.public,
            algorithms=[keys.ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            # PyJWT reads the wall clock; ours is an argument, so times are checked in `verify`.
            options={"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except InvalidTokenError:
        raise invalid() from None
    return claims


def _key_of(token: str) -> keys.SigningKey:
    """Another process may sign with a newer key already. Bounded, so that forged tokens cost no look-up each."""
    kid = _kid(token)
    found = keys.known().get(kid) or keys.known(keys.LOOK_AGAIN_S).get(kid)
    if found is None:
        raise invalid()
    return found


def _kid(token: str) -> str:
    if len(token) > _MAX_TOKEN or not token.isascii():
        raise invalid()
    try:
        return str(jwt.get_unverified_header(token).get("kid"))
    except InvalidTokenError:
        raise invalid() from None
