"""Thresholds in DynamoDB.

| item       | pk                | sk                  | also                                                      |
|------------|-------------------|---------------------|-----------------------------------------------------------|
| THRESHOLDS | tenant#THRESHOLDS | scope#mode#CURRENT  | the version that holds; a new one replaces it              |
| THRESHOLDS | tenant#THRESHOLDS | scope#mode#000001   | each version                                              |

`scope` is a site's id, or ORG.
"""

from collections.abc import Collection, Mapping
from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute

from vitrine.capture.thresholds.models import MOST_VERSIONS, Version
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


def current(tenant: str, scopes: Collection[str], mode: Mode) -> dict[str, Version]:
    """The last versions of those scopes that have any; one request for each 100."""
    return current_and(tenant, scopes, mode, None)[0]


def current_and(
    tenant: str, scopes: Collection[str], mode: Mode, also: tuple[str, int] | None
) -> tuple[dict[str, Version], Version | None]:
    """The same with one version more, by its scope and number, in the same request."""
    keys = [(_pk(tenant), _current(scope, mode)) for scope in scopes]
    more = [(_pk(tenant), _sk(also[0], mode, also[1]))] if also else []
    items = list(_ThresholdsItem.batch_get([*keys, *more], consistent_read=True))
    held = (_version(item) for item in items if item.sk.endswith("#CURRENT"))
    one = next((_version(item) for item in items if not item.sk.endswith("#CURRENT")), None)
    return {version.scope: version for version in held}, one


def get(tenant: str, scope: str, mode: Mode, number: int) -> Version | None:
    try:
        return _version(_ThresholdsItem.get(_pk(tenant), _sk(scope, mode, number), consistent_read=True))
    except _ThresholdsItem.DoesNotExist:
        return None


def history(tenant: str, scope: str, mode: Mode, limit: int, before: int | None) -> list[Version]:
    """The versions of a scope before that number, the newest first."""
    last = MOST_VERSIONS if before is None else before - 1
    prefix = _ThresholdsItem.sk.between(_sk(scope, mode, 1), _sk(scope, mode, max(1, last)))
    items = _ThresholdsItem.query(_pk(tenant), prefix, scan_index_forward=False, limit=limit, consistent_read=True)
    return [_version(item) for item in items] if last else []


def put(version: Version) -> tuple[Write, ...]:
    """The version after the one that holds. Conflicts with `StaleThresholds` when another one came between."""
    return (
        tables.put(_item(version, _current(version.scope, version.mode)), _holds(version.number - 1), stale),
        tables.put(_item(version, _sk(version.scope, version.mode, version.number)), None, stale),
    )


def unchanged(tenant: str, mode: Mode, seen: Mapping[str, int]) -> tuple[Write, ...]:
    """Holds a transaction to the last version of each scope, 0 for none. Conflicts with `StaleThresholds`."""
    return tuple(
        tables.check(_ThresholdsItem, (_pk(tenant), _current(scope, mode)), _holds(number), stale)
        for scope, number in seen.items()
    )


def stale() -> StaleThresholds:
    return StaleThresholds("The thresholds were changed meanwhile.")


def _holds(number: int) -> Any:
    return _ThresholdsItem.number == number if number else _ThresholdsItem.pk.does_not_exist()


def _item(version: Version, sk: str) -> _ThresholdsItem:
    return _ThresholdsItem(_pk(version.tenant), sk, number=version.number, body=version.model_dump_json())


def _version(item: Any) -> Version:
    return Version.model_validate_json(item.body)


def _current(scope: str, mode: Mode) -> str:
    return f"{scope}#{mode.value}#CURRENT"


def _sk(scope: str, mode: Mode, number: int) -> str:
    return f"{scope}#{mode.value}#{number:06}"


def _pk(tenant: str) -> str:
    return f"{tenant}#THRESHOLDS"
