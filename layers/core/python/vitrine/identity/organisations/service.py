"""What routes and operators do with organisations, their sites, people and devices."""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from vitrine.identity.organisations import rules, store
from vitrine.identity.organisations.models import (
    Actor,
    Device,
    Enrolment,
    Organisation,
    Person,
    Policies,
    Role,
    Site,
)
from vitrine.kernel import tables
from vitrine.kernel.clock import timestamp
from vitrine.kernel.errors import Conflict, NotFound
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal

Taken = store.Taken
StaleOrganisation = store.StaleOrganisation
redacts = store.redacts
_TRIES = 8


def create(name: str, ids: Ids, now: datetime, policies: Policies | None = None) -> Organisation:
    """An organisation without sites. Idempotency key: the id. Raises `Taken`."""
    org_id = ids.uuid()
    organisation = Organisation(
        id=org_id, tenant=rules.tenant_of(org_id), name=name, policies=policies or Policies(), created_at=now
    )
    tables.commit(*store.insert(organisation))
    return organisation


def find(tenant: str) -> Organisation:
    """By one read. Raises `NotFound`."""
    found = store.organisation(tenant)
    if found is None:
        raise NotFound("There is no such organisation.", code="organisation_not_found")
    return found


def listed() -> Mapping[str, str]:
    """The names of all organisations by their ids."""
    return {rules.org_id_of(tenant): name for tenant, name in store.organisations()}


def sites_of(organisation: Organisation, actor: Actor | Principal) -> tuple[Site, ...]:
    """The sites that somebody may use, in the order in which they were made."""
    return tuple(site for site in organisation.sites if actor.sites is None or site.id in actor.sites)


def add_site(tenant: str, name: str, ids: Ids, now: datetime) -> Site:
    """Idempotency key: the site's id. Raises `NotFound`, and `Conflict` for one too many."""
    site = Site(id=ids.uuid(), name=name, created_at=now)

    def apply(before: Organisation) -> Organisation:
        if before.site(site.id) is not None:
            return before
        if len(before.sites) >= rules.MOST_SITES:
            raise Conflict(f"An organisation has at most {rules.MOST_SITES} sites.", code="too_many_sites")
        return before.model_copy(update={"sites": (*before.sites, site)})

    _on_organisation(tenant, apply)
    return site


def set_policies(
    tenant: str, said: Mapping[str, Any], entropy: Callable[[int], bytes] = os.urandom
) -> tuple[Organisation, str | None]:
    """Change what is said of an organisation's policies. Where enrolment comes to want a code, a new one is made: the
    second part of the answer, which is stored hashed and shown this once.

    Idempotency key: none; a repeat that asks for a code makes another one, and the one before ends.
    Raises `NotFound`, and ValueError for a policy that there is not.
    """
    code = rules.new_code(entropy(10)) if said.get("enrolment") == Enrolment.CODE else None
    hashed = rules.hash_code(code, entropy(16)) if code else None

    def apply(before: Organisation) -> Organisation:
        policies = Policies.model_validate({**before.policies.model_dump(), **said})
        kept = before.code_hash if policies.enrolment is Enrolment.CODE else None
        return before.model_copy(update={"policies": policies, "code_hash": hashed or kept})

    return _on_organisation(tenant, apply), code


def invite(
    tenant: str, email: str, name: str, role: Role, ids: Ids, now: datetime, sites: Iterable[str] | None = None
) -> Person:
    """A person who may sign in with this address, once the identity provider has verified it. None for `sites`: all.

    Idempotency key: the id. Raises `NotFound` for the organisation or a site, and `Taken` for an address that somebody
    has already, in whichever organisation.
    """
    organisation = find(tenant)
    person = Person(
        id=ids.uuid(),
        tenant=tenant,
        role=role,
        sites=_known_sites(organisation, sites),
        name=name,
        email=email,
        created_at=now,
    )
    tables.commit(*store.invite(person, rules.email_digest(person.email)))
    return person


def people(tenant: str) -> list[Person]:
    return store.people(tenant)


def devices(tenant: str) -> list[Device]:
    return store.devices(tenant)


def set_role(tenant: str, user_id: str, role: Role) -> None:
    """What the person may do from the next call on. Raises `NotFound`. A repeat changes nothing."""
    _change(store.PERSON, tenant, user_id, {"role": role.value})


def set_sites_of(tenant: str, actor_id: str, sites: Iterable[str] | None) -> None:
    """`set_sites` for whoever has this id. Raises `NotFound`. A repeat changes nothing."""
    is_device = store.device(tenant, actor_id) is not None
    set_sites(store.DEVICE if is_device else store.PERSON, tenant, actor_id, sites)


def set_sites(kind: str, tenant: str, actor_id: str, sites: Iterable[str] | None) -> None:
    """The sites that a person (`store.PERSON`) or a device may use from the next call on; None for all.

    Raises `NotFound`. A repeat changes nothing.
    """
    known = _known_sites(find(tenant), sites)
    _change(kind, tenant, actor_id, {"sites": set(known) if known is not None else None})


def remove_person(tenant: str, user_id: str, now: datetime) -> None:
    """The person's next call is refused, and nobody signs in as them. Idempotency key: the id. Raises `NotFound`."""
    person = store.person(tenant, user_id)
    if person is None:
        raise _nobody()
    digests = rules.subject_digest(person.issuer, person.subject), rules.email_digest(person.email)
    for forgetting in store.forget_sign_in(person, digests):
        # One by one: another organisation may have invited this address meanwhile, and its invitation stays.
        with suppress(store.Taken):
            tables.commit(forgetting)
    store.change(store.PERSON, tenant, user_id, {"ended_at": timestamp(now)})


def revoke_device(tenant: str, device_id: str, now: datetime) -> None:
    """The device's next call is refused, for good. Idempotency key: the device's id. Raises `NotFound`."""
    ended = store.change(store.DEVICE, tenant, device_id, {"ended_at": timestamp(now)})
    if not ended and store.device(tenant, device_id) is None:
        raise _nobody()


def _change(kind: str, tenant: str, actor_id: str, said: Mapping[str, Any]) -> None:
    if not store.change(kind, tenant, actor_id, said):
        raise _nobody()


def _known_sites(organisation: Organisation, sites: Iterable[str] | None) -> frozenset[str] | None:
    if sites is None:
        return None
    asked = frozenset(sites)
    if not asked or any(organisation.site(site_id) is None for site_id in asked):
        raise NotFound("The organisation has no such site.", code="site_not_found")
    return asked


def _on_organisation(tenant: str, apply: Callable[[Organisation], Organisation]) -> Organisation:
    """Read, apply, and again when somebody else changed it in between."""
    for _ in range(_TRIES):
        before = find(tenant)
        after = apply(before)
        if after == before:
            return before
        after = after.model_copy(update={"version": before.version + 1})
        with suppress(store.StaleOrganisation):
            tables.commit(*store.replace(before, after))
            return after
    raise store.StaleOrganisation("The organisation kept changing. Try again.")


def _nobody() -> NotFound:
    return NotFound("There is nobody under this id, or it is over.", code="actor_not_found")
