"""An organisation with sites, devices and people, whose calls reach imaging360's Lambdas; AWS is moto."""

from dataclasses import dataclass
from uuid import uuid4

import jwt

from tests.support.clock import now
from vitrine.identity.organisations import enrolment, rules, service, store, tokens
from vitrine.identity.organisations.models import DeviceFacts, Policies, Role
from vitrine.kernel.ids import Ids

FACTS = DeviceFacts.model_validate({"platform": "ios", "model": "iPhone 15 Pro", "app_version": "1.0.0"})


@dataclass(frozen=True)
class Dealer:
    """`site_id` is the first of its sites."""

    org_id: str
    tenant: str
    site_id: str

    @classmethod
    def open(cls, policies: Policies | None = None) -> "Dealer":
        opened = now()
        organisation = service.create("Autohaus", Ids.random(opened), opened, policies)
        site = service.add_site(organisation.tenant, "Main Studio", Ids.random(opened), opened)
        return cls(organisation.id, organisation.tenant, site.id)

    @classmethod
    def of(cls, token: str) -> "Dealer":
        """Whose token that is."""
        org_id = str(jwt.decode(token, options={"verify_signature": False})["org_id"])
        organisation = service.find(rules.tenant_of(org_id))
        return cls(org_id, organisation.tenant, organisation.sites[0].id)

    def add_site(self, name: str = "Second Studio") -> str:
        return service.add_site(self.tenant, name, Ids.random(now()), now()).id

    def device(self, sites: list[str] | None = None) -> str:
        """The token of a new device; without `sites`, for all."""
        issued = enrolment.enrol(self.tenant, FACTS, None, None, Ids.random(now()), now())
        if sites is not None:
            service.set_sites(store.DEVICE, self.tenant, issued.actor, sites)
        return issued.token

    def invite(self, name: str, role: str = "operator") -> None:
        """The person that the test's identity provider knows by this name."""
        moment = now()
        service.invite(self.tenant, f"{name}@example.test", name, Role(role), Ids.random(moment), moment)

    def user(self, role: str = "admin", sites: list[str] | None = None) -> str:
        """The token of a new person; without `sites`, for all."""
        moment, email = now(), f"{uuid4().hex}@dealer.example"
        person = service.invite(self.tenant, email, "John", Role(role), Ids.random(moment), moment, sites)
        return tokens.issue(person, tuple(sites or [self.site_id]), Ids.random(moment).uuid(), moment).token
