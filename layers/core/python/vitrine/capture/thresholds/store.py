"""Thresholds in DynamoDB.

| item       | pk                | sk                  | also                                                      |
|------------|-------------------|---------------------|-----------------------------------------------------------|
| THRESHOLDS | tenant#THRESHOLDS | scope#mode#CURRENT  | the version that holds; a new one replaces it              |
| THRESHOLDS | tenant#THRESHOLDS | scope#mode#000001   | each version                                              |

`scope` is a site's id, or ORG.
"""

from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute

from vitrine.capture.thresholds.models import ORGANISATION, Version
from vitrine.kernel import schema, tables
from vitrine.kernel.errors import Conflict
from vitrine.kernel.tables import Table, Write
from vitrine.set_qc.models import Mode


class _Item(Table):
    class Meta:
        table_name = schema.CAPTURE.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _ThresholdsItem(_Item, discriminator="THRESHOLDS"):
    number: Any = NumberAttribute()
    body: Any = UnicodeAttribute()


class StaleThresholds(Conflict):
    """Somebody else changed the thresholds since they were read. Read them again."""

    code = "stale_thresholds"


def current(tenant: str, scopes: tuple[str, ...], mode: Mode) -> dict[str, Version]:
    """Those of the scopes that have thresholds of their own, with the version that holds; one request."""
    keys = [(_pk(tenant), _current(scope, mode)) for scope in scopes]
    found = (_version(item) for item in _ThresholdsItem.batch_get(keys, consistent_read=True))
    return {version.scope: version for version in found}


def get(tenant: str, scope: str, mode: Mode, number: int) -> Version | None:
    try:
        return _version(_ThresholdsItem.get(_pk(tenant), _sk(scope, mode, number), consistent_read=True))
    except _ThresholdsItem.DoesNotExist:
        return None


def history(tenant: str, scope: str, mode: Mode, limit: int) -> list[Version]:
    """The versions of a scope, the newest first."""
    prefix = _ThresholdsItem.sk.between(_sk(scope, mode, 1), _sk(scope, mode, 999_999))
    items = _ThresholdsItem.query(_pk(tenant), prefix, scan_index_forward=False, limit=limit, consistent_read=True)
    return [_version(item) for item in items]


def put(version: Version) -> tuple[Write, ...]:
    """The version after the one that holds. Conflicts with `StaleThresholds` when another one came between."""
    before = _ThresholdsItem.number == version.number - 1
    condition = before if version.number > 1 else _ThresholdsItem.pk.does_not_exist()
    return (
        tables.put(_item(version, _current(version.scope, version.mode)), condition, _stale),
        tables.put(_item(version, _sk(version.scope, version.mode, version.number)), None, _stale),
    )


def scopes(site_id: str | None) -> tuple[str, ...]:
    """Where to look, the nearest first."""
    return (ORGANISATION,) if site_id is None else (site_id, ORGANISATION)


def _item(version: Version, sk: str) -> _ThresholdsItem:
    return _ThresholdsItem(_pk(version.tenant), sk, number=version.number, body=version.model_dump_json())


def _version(item: Any) -> Version:
    return Version.model_validate_json(item.body)


def _stale() -> StaleThresholds:
    return StaleThresholds("The thresholds were changed meanwhile.")


def _current(scope: str, mode: Mode) -> str:
    return f"{scope}#{mode.value}#CURRENT"


def _sk(scope: str, mode: Mode, number: int) -> str:
    return f"{scope}#{mode.value}#{number:06}"


def _pk(tenant: str) -> str:
    return f"{tenant}#THRESHOLDS"
