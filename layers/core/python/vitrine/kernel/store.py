"""What the kernel keeps in the guard table by transactions of others."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from vitrine.kernel import tables
from vitrine.kernel.errors import AppError
from vitrine.kernel.tables import Table, Write


class _KeyItem(Table):
    """An Idempotency-Key, as `idempotency` has it."""

    request: Any = UnicodeAttribute()
    seed: Any = UnicodeAttribute()
    claimed_at: Any = UnicodeAttribute()
    running_until: Any = NumberAttribute()


@cache
def _of(table: str) -> type[_KeyItem]:
    class Item(_KeyItem):
        class Meta:
            table_name = table

    return Item


def put_unless_held(
    table: str, key: tuple[str, str], said: Mapping[str, Any], now: datetime, conflict: Callable[[], AppError]
) -> Write:
    """An Idempotency-Key under which nothing was done in the time for which keys are kept."""
    item = _of(table)
    free = item.pk.does_not_exist() | (item.expires_at <= now.timestamp())
    return tables.put(item(*key, **said), free, conflict)
