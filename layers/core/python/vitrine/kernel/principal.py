from dataclasses import dataclass, field


@dataclass(frozen=True)
class Principal:
    """Who calls, whatever the credential: the tenant whose data it is, and the actor within it.

    `email` is what the provider claims; it is for receipts only and never logged.
    """

    tenant: str
    actor: str
    role: str = "owner"
    scopes: frozenset[str] = frozenset()
    email: str | None = field(default=None, repr=False)
