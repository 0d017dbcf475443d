"""Lets callers of an organisation in: the token's signature, then one write that counts the call and says what its
caller may do now. So a device that was revoked, and a role that was taken away, are gone with the next call."""

from datetime import datetime

from vitrine.identity.organisations import rules, store, tokens
from vitrine.identity.organisations.models import Actor, Device, Role, TokenClaims
from vitrine.kernel.http.callers import digest_of
from vitrine.kernel.limits import LimitStatus, window
from vitrine.kernel.principal import Principal
from vitrine.kernel.surface import Admitted, Limit, Per


def admit(token: str, limit: Limit, now: datetime) -> Admitted:
    """A `Gate`. Raises `Unauthenticated` and `TooManyRequests`."""
    claims = tokens.verify(token, now)
    kind = kind_of(claims)
    try:
        actor, count = store.let_in(kind, claims.tenant, claims.actor, _counter(limit, token), limit, now)
    except store.NotThere:
        raise tokens.invalid() from None
    return Admitted(_principal(actor), LimitStatus(limit, limit.amount - count, window(limit, now)[1]).headers)


def kind_of(claims: TokenClaims) -> str:
    return store.DEVICE if claims.role is Role.DEVICE else store.PERSON


def _counter(limit: Limit, token: str) -> str:
    return f"{limit.name}_{digest_of(token)}" if limit.per is Per.TOKEN else limit.name


def _principal(actor: Actor) -> Principal:
    name = actor.model if isinstance(actor, Device) else getattr(actor, "name", None)
    return Principal(
        actor.tenant,
        actor.id,
        role=actor.role.value,
        name=name,
        org_id=rules.org_id_of(actor.tenant),
        sites=actor.sites,
    )
