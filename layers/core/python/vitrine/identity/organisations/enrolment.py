"""Devices come in, and renew their tokens. No device gets another's: what it was before it proves, by its own token or
by the secret that it brought when it enrolled."""

from datetime import datetime

from vitrine.identity.organisations import rules, store, tokens
from vitrine.identity.organisations.models import Device, DeviceFacts, IssuedToken, Role
from vitrine.kernel.errors import Unauthenticated
from vitrine.kernel.ids import Ids


def renew(token: str, tenant: str, facts: DeviceFacts, ids: Ids, now: datetime) -> IssuedToken:
    """A new token for the device of this one, which may be over since `RENEWABLE_FOR`. Enrolment may be closed.

    Idempotency key: the device; each call gives a token of its own.
    Raises `Unauthenticated` for a token that does not hold, is none of a device of this organisation, or whose device
    was revoked.
    """
    claims = tokens.verify(token, now, grace=rules.RENEWABLE_FOR)
    if claims.role is not Role.DEVICE or claims.tenant != tenant:
        raise tokens.invalid()
    return _issue(store.renew(tenant, claims.actor, facts, now), ids, now)


def enrol(
    tenant: str, facts: DeviceFacts, code: str | None, secret: str | None, ids: Ids, now: datetime
) -> IssuedToken:
    """A token for a new device, or for the one that enrolled with this `secret` before.

    Idempotency key: the secret; without one each call is another device.
    Raises `Forbidden` where new devices may not come, and `Unauthenticated` for a device that was revoked.
    """
    rules.check_enrolment(store.organisation(tenant), code)
    device = Device(
        id=rules.device_id_of(tenant, secret) if secret else ids.uuid(),
        tenant=tenant,
        **facts.model_dump(),
        created_at=now,
        renewed_at=now,
    )
    if store.enrol(device):
        return tokens.issue(device, (), ids.uuid(), now)
    return _issue(store.renew(tenant, device.id, facts, now), ids, now)


def _issue(device: Device | None, ids: Ids, now: datetime) -> IssuedToken:
    if device is None:
        raise Unauthenticated("This device was revoked.", code="device_revoked")
    return tokens.issue(device, (), ids.uuid(), now)
