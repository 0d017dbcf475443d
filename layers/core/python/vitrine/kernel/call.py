from dataclasses import dataclass
from datetime import datetime

from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal
from vitrine.kernel.tables import Write


@dataclass(frozen=True)
class Call:
    """One authenticated request, as services take it: who, when, and where new ids come from.

    `key_writes` keep its Idempotency-Key where the route does that by its own transaction (`Repeat.IN_TRANSACTION`),
    which they go into. They conflict with `Repeated`.
    """

    principal: Principal
    now: datetime
    ids: Ids
    request_id: str
    key_writes: tuple[Write, ...] = ()

    @property
    def tenant(self) -> str:
        return self.principal.tenant
