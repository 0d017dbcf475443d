from dataclasses import dataclass, field


@dataclass(frozen=True)
class Principal:
    """Who calls, whatever the credential: the tenant whose data it is, and the actor within it.

    `issuer` and `subject` say where the actor is known and by which name. `email` is what the provider claims; it is
    for receipts only and never logged. `name` is what people call the actor: a person's name, a camera's model.

    Where the tenant is an organisation, `org_id` is what its clients call it, and `sites` are those of its sites that
    the actor may use; None stands for all of them.
    """

    tenant: str
    actor: str
    issuer: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    role: str = "owner"
    scopes: frozenset[str] = frozenset()
    email: str | None = field(default=None, repr=False)
    plan: str | None = None
    key_id: str | None = None
    name: str | None = field(default=None, repr=False)
    org_id: str | None = None
    sites: frozenset[str] | None = None

    def may_use(self, site_id: str) -> bool:
        return self.sites is None or site_id in self.sites
