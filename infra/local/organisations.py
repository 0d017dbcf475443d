"""The organisation that newcomers try imaging360 with: made when it is first asked for, the same one each time."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import services
from infra.local.workspace import Workspace

if TYPE_CHECKING:
    from vitrine.identity.organisations.models import Organisation, Person
    from vitrine.kernel.ids import Ids

NAME, SITE = "Demo Motors", "Main Studio"
HOST = "example.test"
"""The host of the addresses that the local identity provider knows."""
_SEEDED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def token_of(workspace: Workspace, name: str, role: str) -> str:
    """What the person `name` calls with, or the device of that name.

    From then on this process works on the deployment's data (`services.enter`).
    """
    services.enter(workspace)
    return _device_token(name) if role == "device" else _user_token(name, role)


def open_demo(workspace: Workspace) -> str:
    """The id of the organisation, in which `demo` may sign in as an admin."""
    services.enter(workspace)
    organisation = _organisation()
    invite(organisation, "demo", "admin")
    return organisation.id


def _organisation() -> "Organisation":
    from vitrine.identity.organisations import rules, service
    from vitrine.kernel.errors import NotFound

    tenant = rules.tenant_of(_ids("organisation").uuid())
    try:
        return service.find(tenant)
    except NotFound:
        service.create(NAME, _ids("organisation"), _SEEDED_AT)
        service.add_site(tenant, SITE, _ids("site"), _SEEDED_AT)
        return service.find(tenant)


def _device_token(name: str) -> str:
    from vitrine.identity.organisations import enrolment
    from vitrine.identity.organisations.models import DeviceFacts, Platform
    from vitrine.kernel.clock import utc_now
    from vitrine.kernel.ids import Ids

    facts = DeviceFacts(platform=Platform.EDGE, model=name, app_version="vitrine")
    # The same secret finds the same device again.
    secret = f"of the local device {name}".ljust(32, ".")
    return enrolment.enrol(_organisation().tenant, facts, None, secret, Ids.random(utc_now()), utc_now()).token


def _user_token(name: str, role: str) -> str:
    from vitrine.identity.organisations import service, tokens
    from vitrine.identity.organisations.models import Role
    from vitrine.kernel.clock import utc_now

    organisation = _organisation()
    person = invite(organisation, name, role)
    service.set_role(organisation.tenant, person.id, Role(role))
    person = person.model_copy(update={"role": Role(role)})
    sites = tuple(site.id for site in service.sites_of(organisation, person))
    return tokens.issue(person, sites, _random().uuid(), utc_now()).token


def invite(organisation: "Organisation", name: str, role: str) -> "Person":
    """The person that the local identity provider knows by this name, invited if need be."""
    from vitrine.identity.organisations import service
    from vitrine.identity.organisations.models import Role
    from vitrine.kernel.clock import utc_now

    email = f"{name.lower()}@{HOST}"
    known = (each for each in service.people(organisation.tenant) if each.email == email and not each.ended_at)
    found = next(known, None)
    return found or service.invite(organisation.tenant, email, name.title(), Role(role), _random(), utc_now())


def _ids(thing: str) -> "Ids":
    """The same ids each time, so that they need to be kept nowhere."""
    from vitrine.kernel.ids import Ids

    return Ids.seeded(_SEEDED_AT, f"demo {thing}")


def _random() -> "Ids":
    from vitrine.kernel.clock import utc_now
    from vitrine.kernel.ids import Ids

    return Ids.random(utc_now())
