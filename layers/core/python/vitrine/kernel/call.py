from dataclasses import dataclass
from datetime import datetime

from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal


@dataclass(frozen=True)
class Call:
    """One authenticated request, as services take it: who, when, and where new ids come from."""

    principal: Principal
    now: datetime
    ids: Ids
    request_id: str

    @property
    def tenant(self) -> str:
        return self.principal.tenant
