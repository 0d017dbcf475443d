"""Turns in the jobs table.

| item  | pk           | sk          | also                                                                     |
|-------|--------------|-------------|--------------------------------------------------------------------------|
| SLOT  | TURNS#SLOTS  | slot        | its holder; absent while it is free                                      |
| PLACE | TURNS#LINE   | tag#job     | in the order in which they are served                                    |
| TURN  | tenant#job   | TURN        | the slot or the tag that the job has: what makes taking a turn happen once |
| TAG   | TURNS#TAGS   | tenant      | the last tag of a tenant                                                 |
| CLOCK | TURNS#CLOCK  | CLOCK       | the virtual time                                                         |

Every change is one transaction, and each of its items belongs to one slot or one job: there is nothing that all
changes meet at. Tags and the clock are single updates before and after; one that is lost costs nobody a turn.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from vitrine.jobs import store as jobs
from vitrine.jobs.models import Job
from vitrine.jobs.rules import KEPT
from vitrine.jobs.turns import rules
from vitrine.jobs.turns.models import Holder, Place, Turn
from vitrine.kernel import tables
from vitrine.kernel.clock import epoch_s, timestamp
from vitrine.kernel.environment import JobsTable
from vitrine.kernel.errors import AppError, Conflict
from vitrine.kernel.tables import Write

_TABLE = JobsTable.load().jobs_table
_SLOTS, _LINE, _TAGS = "TURNS#SLOTS", "TURNS#LINE", "TURNS#TAGS"
_CLOCK = ("TURNS#CLOCK", "CLOCK")
# A tag that long ago lies below the virtual time of any line that is served at all.
_TAG_KEPT = timedelta(days=30)


class _SlotItem(jobs.Item, discriminator="SLOT"):
    tenant: Any = UnicodeAttribute()
    job: Any = UnicodeAttribute()
    since: Any = UnicodeAttribute()


class _PlaceItem(jobs.Item, discriminator="PLACE"):
    tenant: Any = UnicodeAttribute()
    job: Any = UnicodeAttribute()
    tag: Any = NumberAttribute()
    since: Any = UnicodeAttribute()


class _TurnItem(jobs.Item, discriminator="TURN"):
    slot: Any = NumberAttribute(null=True)
    tag: Any = NumberAttribute(null=True)
    since: Any = UnicodeAttribute()


class HasTurn(Conflict):
    """The job has a slot or a place in line already."""


class SlotTaken(Conflict):
    """Somebody else holds that slot."""


class LeftLine(Conflict):
    """The job has no place in line any more: it was given a slot, or is over."""


class NotQueued(Conflict):
    """The job has ended, or is gone: it needs no turn."""


class NotHeld(Conflict):
    """The job does not hold that slot any more."""


def find(tenant: str, job_id: str) -> Turn | None:
    try:
        item = _TurnItem.get(_pk(tenant, job_id), "TURN", consistent_read=True)
    except _TurnItem.DoesNotExist:
        return None
    since = datetime.fromisoformat(item.since)
    if item.slot is None:
        return Place(tenant=tenant, job_id=job_id, tag=item.tag, since=since)
    return Holder(tenant=tenant, job_id=job_id, slot=item.slot, since=since)


def holders(*, consistent: bool = True) -> list[Holder]:
    """Inconsistent, it costs half (16 read units for 1,000), and is good enough to choose a slot to try."""
    return [_holder(item) for item in _SlotItem.query(_SLOTS, consistent_read=consistent)]


def head() -> Place | None:
    """Who comes next."""
    return next(map(_place, _PlaceItem.query(_LINE, limit=1, consistent_read=True)), None)


def line() -> list[Place]:
    """Everybody who waits for a slot, in order."""
    return [_place(item) for item in _PlaceItem.query(_LINE, consistent_read=True)]


def take(job: Job, slot: int, now: datetime) -> Holder:
    """Conflicts with `NotQueued`, `HasTurn`, `SlotTaken`, in this order."""
    holder = Holder(tenant=job.tenant, job_id=job.id, slot=slot, since=now)
    tables.commit(
        jobs.still_queued(job.tenant, job.id, _conflict(NotQueued)),
        _new_turn(holder),
        tables.put(_slot_item(holder), _SlotItem.pk.does_not_exist(), _conflict(SlotTaken)),
    )
    return holder


def stand_in_line(job: Job, tag: int, now: datetime) -> None:
    """Conflicts with `NotQueued`, `HasTurn`."""
    place = Place(tenant=job.tenant, job_id=job.id, tag=tag, since=now)
    tables.commit(
        jobs.still_queued(job.tenant, job.id, _conflict(NotQueued)),
        _new_turn(place),
        tables.put(_place_item(place), None, _conflict(HasTurn)),
    )


def give(place: Place, slot: int, now: datetime) -> Holder:
    """A free slot goes to a job in line. Conflicts with `NotQueued`, `LeftLine`, `SlotTaken`."""
    holder = Holder(tenant=place.tenant, job_id=place.job_id, slot=slot, since=now)
    free = tables.put(_slot_item(holder), _SlotItem.pk.does_not_exist(), _conflict(SlotTaken))
    tables.commit(*_leaving_line(place, holder), free)
    return holder


def pass_on(giver: Holder, place: Place, now: datetime) -> Holder:
    """A slot goes from a job that is over to one in line. Conflicts with `NotQueued`, `LeftLine`, `NotHeld`."""
    holder = Holder(tenant=place.tenant, job_id=place.job_id, slot=giver.slot, since=now)
    held = tables.put(_slot_item(holder), _SlotItem.job == giver.job_id, _conflict(NotHeld))
    tables.commit(*_leaving_line(place, holder), held, _drop_turn(giver))
    return holder


def free(holder: Holder) -> None:
    """Conflicts with `NotHeld`."""
    slot = _slot_item(holder)
    tables.commit(
        tables.delete(slot, _SlotItem.job == holder.job_id, _conflict(NotHeld)),
        _drop_turn(holder),
    )


def leave_line(place: Place) -> None:
    """Conflicts with `LeftLine`."""
    gone = tables.delete(_place_item(place), _PlaceItem.pk.exists(), _conflict(LeftLine))
    tables.commit(gone, _drop_turn(place))


def virtual_time() -> int:
    answer = tables.client().get_item(TableName=_TABLE, Key=_key(*_CLOCK), ConsistentRead=True)
    return int(answer["Item"]["tag"]["N"]) if "Item" in answer else 0


def advance(tag: int) -> None:
    """The virtual time is at least `tag` from now on."""
    _set_tag(_CLOCK, "SET tag = :tag, kind = :kind", "attribute_not_exists(tag) OR tag < :tag", tag, "CLOCK")


def next_tag(tenant: str, virtual: int, now: datetime) -> int:
    """What `rules.next_tag` says, and nobody gets it again. Two updates at most, since DynamoDB knows no maximum."""
    key, expires = (_TAGS, tenant), epoch_s(now + _TAG_KEPT)
    said = "SET {}, kind = :kind, tenant = :tenant, expires_at = :end"
    extra = {":tenant": {"S": tenant}, ":end": {"N": str(expires)}}
    one = {**extra, ":one": {"N": "1"}}
    for _ in range(8):
        following = _set_tag(key, said.format("tag = tag + :one"), "tag >= :tag", virtual, "TAG", one)
        if following is not None:
            return following
        later = rules.next_tag(virtual, 0)
        first = _set_tag(key, said.format("tag = :tag"), "attribute_not_exists(tag) OR tag < :tag", later, "TAG", extra)
        if first is not None:
            return first
    raise AssertionError("a tag is below the virtual time, or is not")


def _set_tag(
    key: tuple[str, str], update: str, condition: str, tag: int, kind: str, extra: dict[str, Any] | None = None
) -> int | None:
    """The tag as it is now; None when the condition does not hold."""
    try:
        answer = tables.client().update_item(
            TableName=_TABLE,
            Key=_key(*key),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues={":tag": {"N": str(tag)}, ":kind": {"S": kind}, **(extra or {})},
            ReturnValues="UPDATED_NEW",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return None
    return int(answer["Attributes"]["tag"]["N"])


def _leaving_line(place: Place, holder: Holder) -> tuple[Write, ...]:
    turn = _TurnItem(_pk(place.tenant, place.job_id), "TURN")
    actions = [_TurnItem.slot.set(holder.slot), _TurnItem.since.set(timestamp(holder.since)), _TurnItem.tag.remove()]
    return (
        jobs.still_queued(place.tenant, place.job_id, _conflict(NotQueued)),
        tables.delete(_place_item(place), _PlaceItem.pk.exists(), _conflict(LeftLine)),
        tables.update(turn, actions, _TurnItem.tag == place.tag, _conflict(LeftLine)),
    )


def _new_turn(turn: Turn) -> Write:
    item = _TurnItem(
        _pk(turn.tenant, turn.job_id),
        "TURN",
        slot=turn.slot if isinstance(turn, Holder) else None,
        tag=turn.tag if isinstance(turn, Place) else None,
        since=timestamp(turn.since),
        expires_at=epoch_s(turn.since + KEPT),
    )
    return tables.put(item, _TurnItem.pk.does_not_exist(), _conflict(HasTurn))


def _drop_turn(turn: Turn) -> Write:
    """Whoever holds a slot is known by the slot, so a turn that is gone is no conflict."""
    return tables.delete(_TurnItem(_pk(turn.tenant, turn.job_id), "TURN"), None, _conflict(NotHeld))


def _slot_item(holder: Holder) -> _SlotItem:
    since = timestamp(holder.since)
    return _SlotItem(_SLOTS, f"{holder.slot:06}", tenant=holder.tenant, job=holder.job_id, since=since)


def _place_item(place: Place) -> _PlaceItem:
    return _PlaceItem(
        _LINE,
        rules.order(place.tag, place.job_id),
        tenant=place.tenant,
        job=place.job_id,
        tag=place.tag,
        since=timestamp(place.since),
    )


def _holder(item: _SlotItem) -> Holder:
    return Holder(tenant=item.tenant, job_id=item.job, slot=int(item.sk), since=datetime.fromisoformat(item.since))


def _place(item: _PlaceItem) -> Place:
    return Place(tenant=item.tenant, job_id=item.job, tag=item.tag, since=datetime.fromisoformat(item.since))


def _conflict(kind: type[Conflict]) -> Callable[[], AppError]:
    return lambda: kind("The turn was changed meanwhile.")


def _pk(tenant: str, job_id: str) -> str:
    return f"{tenant}#{job_id}"


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
