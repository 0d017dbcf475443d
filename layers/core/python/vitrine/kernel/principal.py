from dataclasses import dataclass, field


@dataclass(frozen=True)
class Principal:
    """Who calls, whatever the credential: the tenant whose data it is, and the actor within it.

    `issuer` and `subject` say where the actor is known and by which name. `email` is what the provider claims; it is
    for receipts only and never logged.
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
