"""API keys of local accounts, so that `vitrine token stagecraft --as bob` needs nothing before it."""

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from infra.local import services
from infra.local.workspace import Workspace

if TYPE_CHECKING:
    from vitrine.identity.accounts.models import User

PLAN = "professional"
HOST = "local.example"
_SEEDED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def key_of(workspace: Workspace, name: str) -> str:
    """The key of the account `name`, opened if need be: the same one each time, until it is revoked.

    From then on this process works on the deployment's data (`services.enter`).
    """
    services.enter(workspace)
    from vitrine.identity.accounts import service
    from vitrine.kernel.call import Call
    from vitrine.kernel.clock import utc_now
    from vitrine.kernel.ids import Ids
    from vitrine.kernel.principal import Principal

    user, now = _user(name), utc_now()
    for number in count(1):
        # The same seed makes the same key again, so that it needs to be kept nowhere.
        ids = Ids.seeded(_SEEDED_AT, f"{user.id} {number}")
        issued = service.issue_key(Call(Principal(user.tenant, user.id), now, ids, "local"), "local")
        if issued.key.state(now).is_alive:
            return issued.text
    raise AssertionError("count never ends")


def _user(name: str) -> "User":
    from vitrine.identity.accounts import service
    from vitrine.kernel.clock import utc_now
    from vitrine.kernel.ids import Ids

    email, now = f"{name.lower()}@{HOST}", utc_now()
    found = service.find_by_email(email)
    return found.user if found else service.create(email, PLAN, Ids.random(now), now, name)
