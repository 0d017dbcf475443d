"""What tests of accounts share: users, their keys, and calls of theirs."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.clock import NOW
from vitrine.identity.accounts import service
from vitrine.identity.accounts.models import IssuedKey, User
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Unauthenticated
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal

HOUR = timedelta(hours=1)


def opened(email: str = "ann@agency.example", plan: str = "trial") -> User:
    return service.create(email, plan, Ids.random(NOW), NOW)


def call(user: User, now: datetime = NOW, seed: str | None = None) -> Call:
    ids = Ids.seeded(now, seed) if seed else Ids.random(now)
    return Call(Principal(user.tenant, user.id), now, ids, "req")


def keyed(user: User, now: datetime = NOW, **options: Any) -> IssuedKey:
    return service.issue_key(call(user, now), **options)


def signed_in(key: IssuedKey, now: datetime = NOW) -> Call:
    return Call(service.authenticate(key.text, now), now, Ids.random(now), "req")


def refused(act: Any, *args: Any) -> str:
    with pytest.raises(Unauthenticated) as raised:
        act(*args)
    return raised.value.code


def trips(act: Any) -> int:
    before = tables.round_trips()
    act()
    return tables.round_trips() - before
