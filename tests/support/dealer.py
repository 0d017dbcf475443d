"""An organisation with sites, devices and people, whose calls reach imaging360's Lambdas; AWS is moto."""

from dataclasses import dataclass
from uuid import uuid4

from tests.support.clock import now
from vitrine.identity.organisations import enrolment, service, tokens
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

    def add_site(self, name: str = "Second Studio") -> str:
        return service.add_site(self.tenant, name, Ids.random(now()), now()).id

    def device(self) -> str:
        """The token of a new device."""
        return enrolment.enrol(self.tenant, FACTS, None, None, Ids.random(now()), now()).token

    def user(self, role: str = "admin", sites: list[str] | None = None) -> str:
        """The token of a new person; without `sites`, for all."""
        moment, email = now(), f"{uuid4().hex}@dealer.example"
        person = service.invite(self.tenant, email, "John", Role(role), Ids.random(moment), moment, sites)
        return tokens.issue(person, tuple(sites or [self.site_id]), Ids.random(moment).uuid(), moment).token
