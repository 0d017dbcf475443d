"""What operators decide and the sweep finds out, for every function to know. In the guard table:

| item        | pk               | sk                | also                                       |
|-------------|------------------|-------------------|--------------------------------------------|
| MAINTENANCE | OPERATIONS       | MAINTENANCE       | there while work is not taken              |
| SNAPSHOT    | OPERATIONS       | SNAPSHOT          | what the sweep found last                  |
| TALLY       | OPERATIONS#ENDED | 2026-11-20T10:25Z | what ended in those five minutes, by ADD   |
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s
from vitrine.kernel.errors import Unavailable
from vitrine.kernel.health import Maintenance, ServiceState, Snapshot, Tally
from vitrine.kernel.observability import crash_fields, logger

_HERE, _ENDED = "OPERATIONS", "OPERATIONS#ENDED"
_BUCKET = timedelta(minutes=5)
_TALLY_KEPT = timedelta(hours=25)
LOOK_EVERY = timedelta(seconds=5)
COME_BACK_S = 120

MaintenanceCheck = Callable[[datetime], None]


@cache
def _table() -> str:
    return schema.GUARD.deployed_name()


def health() -> ServiceState:
    """All that is known, in one read."""
    answer = _query(_HERE, "MAINTENANCE", "SNAPSHOT", consistent=True)
    bodies = {item["sk"]["S"].lower(): item["body"]["S"] for item in answer}
    return ServiceState(
        maintenance=Maintenance.model_validate_json(bodies["maintenance"]) if "maintenance" in bodies else None,
        snapshot=Snapshot.model_validate_json(bodies["snapshot"]) if "snapshot" in bodies else None,
    )


def begin_maintenance(message: str, now: datetime) -> Maintenance:
    """From now on no work is taken, within `LOOK_EVERY` everywhere."""
    maintenance = Maintenance(message=message, since=now)
    _put("MAINTENANCE", maintenance.model_dump_json())
    return maintenance


def end_maintenance() -> None:
    tables.client().delete_item(TableName=_table(), Key=_key(_HERE, "MAINTENANCE"))


def keep(snapshot: Snapshot) -> None:
    _put("SNAPSHOT", snapshot.model_dump_json())


def maintenance_check() -> MaintenanceCheck:
    """Turns calls away while work is not taken; looks at most every `LOOK_EVERY` in a process.

    It raises `Unavailable` with the code `maintenance_mode`. What cannot be looked up is as it was found last.
    """
    looked_at: datetime | None = None
    found: Maintenance | None = None

    def check(now: datetime) -> None:
        nonlocal looked_at, found
        if looked_at is None or now - looked_at >= LOOK_EVERY:
            found, looked_at = _maintenance(found), now
        if found is not None:
            raise Unavailable(found.message, code="maintenance_mode", retry_after_s=COME_BACK_S)

    return check


def count(at: datetime, ended: Tally) -> None:
    """Add to what ended around then. Not idempotent: what a stream tells twice counts twice."""
    numbers = {name: value for name, value in ended.model_dump().items() if value}
    if not numbers:
        return
    tables.client().update_item(
        TableName=_table(),
        Key=_key(_ENDED, _bucket(at)),
        UpdateExpression="ADD " + ", ".join(f"{name} :{name}" for name in numbers) + " SET expires_at = :end",
        ExpressionAttributeValues={
            ":end": {"N": str(epoch_s(at + _TALLY_KEPT))},
            **{f":{name}": {"N": str(value)} for name, value in numbers.items()},
        },
    )


def ended_since(moments: Iterable[datetime], now: datetime) -> list[Tally]:
    """What ended since each of `moments`, to five minutes. One query from the earliest on."""
    wanted = [_bucket(moment) for moment in moments]
    tallies = {item["sk"]["S"]: _tally(item) for item in _query(_ENDED, min(wanted), _bucket(now))}
    return [sum((tally for at, tally in tallies.items() if at >= since), Tally()) for since in wanted]


def _maintenance(known: Maintenance | None) -> Maintenance | None:
    try:
        answer = tables.client().get_item(TableName=_table(), Key=_key(_HERE, "MAINTENANCE"))
    except (ClientError, BotoCoreError, Unavailable) as error:
        logger.error("maintenance could not be looked up", **crash_fields(error))
        return known
    return Maintenance.model_validate_json(answer["Item"]["body"]["S"]) if "Item" in answer else None


def _put(sort: str, body: str) -> None:
    tables.client().put_item(TableName=_table(), Item={**_key(_HERE, sort), "body": {"S": body}})


def _query(partition: str, first: str, last: str, *, consistent: bool = False) -> list[Mapping[str, Any]]:
    """A day of tallies is 30 KB, so one page holds them all."""
    answer = tables.client().query(
        TableName=_table(),
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues={":pk": {"S": partition}, ":first": {"S": first}, ":last": {"S": last}},
        ConsistentRead=consistent,
    )
    return list(answer["Items"])


def _tally(item: Mapping[str, Any]) -> Tally:
    return Tally(**{name: int(item[name]["N"]) for name in Tally.model_fields if name in item})


def _bucket(moment: datetime) -> str:
    seconds = int(_BUCKET.total_seconds())
    start = datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, tz=moment.tzinfo)
    return start.strftime("%Y-%m-%dT%H:%MZ")


def _key(partition: str, sort: str) -> dict[str, Any]:
    return {"pk": {"S": partition}, "sk": {"S": sort}}
