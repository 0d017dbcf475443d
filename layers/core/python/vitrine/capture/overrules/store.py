"""Windows in DynamoDB.

| item   | pk               | sk         | also                                                    |
|--------|------------------|------------|---------------------------------------------------------|
| WINDOW | tenant#OVERRULES | scope#mode | the last judged sets of a site, or of the organisation (ORG) |
"""

from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute

from vitrine.capture.overrules.models import Window
from vitrine.kernel import schema, tables
from vitrine.kernel.errors import Conflict
from vitrine.kernel.tables import Table, Write
from vitrine.set_qc.models import Mode


class _Item(Table):
    class Meta:
        table_name = schema.CAPTURE.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _WindowItem(_Item, discriminator="WINDOW"):
    version: Any = NumberAttribute()
    body: Any = UnicodeAttribute()


class StaleWindow(Conflict):
    """Somebody else changed the window since it was read. Read it again."""

    code = "stale_window"


def get(tenant: str, scope: str, mode: Mode) -> Window:
    """Empty before its first set."""
    try:
        item = _WindowItem.get(_pk(tenant), _sk(scope, mode), consistent_read=True)
    except _WindowItem.DoesNotExist:
        return Window(tenant=tenant, scope=scope, mode=mode)
    return Window.model_validate_json(item.body)


def put(window: Window) -> Write:
    """The next version, or the first. Conflicts with `StaleWindow` unless the version before is there."""
    sk = _sk(window.scope, window.mode)
    item = _WindowItem(_pk(window.tenant), sk, version=window.version, body=window.model_dump_json())
    before = window.version - 1
    condition = _WindowItem.version == before if before else _WindowItem.pk.does_not_exist()
    return tables.put(item, condition, lambda: StaleWindow("The window was changed meanwhile."))


def _pk(tenant: str) -> str:
    return f"{tenant}#OVERRULES"


def _sk(scope: str, mode: Mode) -> str:
    return f"{scope}#{mode.value}"
