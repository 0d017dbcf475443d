"""The fair queue in the jobs table.

| item   | pk           | sk          | also                                                                     |
|--------|--------------|-------------|--------------------------------------------------------------------------|
| SLOT   | QUEUE#SLOTS  | slot        | its holder; absent while it is free                                      |
| PLACE  | QUEUE#PLACES | tag#job     | in the order in which they are served                                    |
| MEMBER | tenant#job   | MEMBER      | the slot or the tag that the job has, so that a job joins once           |
| TAG    | QUEUE#TAGS   | tenant      | the last tag of a tenant                                                 |
| CLOCK  | QUEUE#CLOCK  | CLOCK       | the virtual time                                                         |

Every change is one transaction, and each of its items belongs to one slot or one job: there is nothing that all
changes meet at. Tags and the clock are single updates before and after; one that is lost costs nobody a slot.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from vitrine.jobs import store as jobs
from vitrine.jobs.fair_queue import rules
from vitrine.jobs.fair_queue.models import Holder, Place, SlotOrPlace
from vitrine.jobs.models import Job
from vitrine.jobs.rules import KEPT
from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s, timestamp
from vitrine.kernel.errors import AppError, Conflict
from vitrine.kernel.tables import Write

_TABLE = schema.JOBS.deployed_name()
_SLOTS, _PLACES, _TAGS = "QUEUE#SLOTS", "QUEUE#PLACES", "QUEUE#TAGS"
_CLOCK = ("QUEUE#CLOCK", "CLOCK")
# A tag that long ago lies below the virtual time of any queue that is served at all.
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


class _MemberItem(jobs.Item, discriminator="MEMBER"):
    slot: Any = NumberAttribute(null=True)
    tag: Any = NumberAttribute(null=True)
    since: Any = UnicodeAttribute()


class HasPlace(Conflict):
    """The job has a slot or a place in the queue already."""


class SlotTaken(Conflict):
    """Somebody else holds that slot."""


class LeftQueue(Conflict):
    """The job has no place in the queue any more: it was given a slot, or is over."""


class NotQueued(Conflict):
    """The job has ended, or is gone: it needs no slot."""


class NotHeld(Conflict):
    """The job does not hold that slot any more."""


def find(tenant: str, job_id: str) -> SlotOrPlace | None:
    try:
        item = _MemberItem.get(_pk(tenant, job_id), "MEMBER", consistent_read=True)
    except _MemberItem.DoesNotExist:
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
    return next(map(_place, _PlaceItem.query(_PLACES, limit=1, consistent_read=True)), None)


def waiting() -> list[Place]:
    """Everybody who waits for a slot, in order."""
    return [_place(item) for item in _PlaceItem.query(_PLACES, consistent_read=True)]


def take(job: Job, slot: int, now: datetime) -> Holder:
    """Conflicts with `NotQueued`, `HasPlace`, `SlotTaken`, in this order."""
    holder = Holder(tenant=job.tenant, job_id=job.id, slot=slot, since=now)
    tables.commit(
        jobs.still_queued(job.tenant, job.id, _conflict(NotQueued)),
        _new_member(holder),
        tables.put(_slot_item(holder), _SlotItem.pk.does_not_exist(), _conflict(SlotTaken)),
    )
    return holder


def wait_in_queue(job: Job, tag: int, now: datetime) -> None:
    """Conflicts with `NotQueued`, `HasPlace`."""
    place = Place(tenant=job.tenant, job_id=job.id, tag=tag, since=now)
    tables.commit(
        jobs.still_queued(job.tenant, job.id, _conflict(NotQueued)),
        _new_member(place),
        tables.put(_place_item(place), None, _conflict(HasPlace)),
    )


def give(place: Place, slot: int, now: datetime) -> Holder:
    """A free slot goes to a job in the queue. Conflicts with `NotQueued`, `LeftQueue`, `SlotTaken`."""
    holder = Holder(tenant=place.tenant, job_id=place.job_id, slot=slot, since=now)
    free = tables.put(_slot_item(holder), _SlotItem.pk.does_not_exist(), _conflict(SlotTaken))
    tables.commit(*_leaving_queue(place, holder), free)
    return holder


def pass_on(giver: Holder, place: Place, now: datetime) -> Holder:
    """A slot goes from a job that is over to one in the queue. Conflicts with `NotQueued`, `LeftQueue`, `NotHeld`."""
    holder = Holder(tenant=place.tenant, job_id=place.job_id, slot=giver.slot, since=now)
    held = tables.put(_slot_item(holder), _SlotItem.job == giver.job_id, _conflict(NotHeld))
    tables.commit(*_leaving_queue(place, holder), held, _drop_member(giver))
    return holder


def free(holder: Holder) -> None:
    """Conflicts with `NotHeld`."""
    slot = _slot_item(holder)
    tables.commit(
        tables.delete(slot, _SlotItem.job == holder.job_id, _conflict(NotHeld)),
        _drop_member(holder),
    )


def leave_queue(place: Place) -> None:
    """Conflicts with `LeftQueue`."""
    gone = tables.delete(_place_item(place), _PlaceItem.pk.exists(), _conflict(LeftQueue))
    tables.commit(gone, _drop_member(place))


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


def _leaving_queue(place: Place, holder: Holder) -> tuple[Write, ...]:
    member = _MemberItem(_pk(place.tenant, place.job_id), "MEMBER")
    actions = [
        _MemberItem.slot.set(holder.slot),
        _MemberItem.since.set(timestamp(holder.since)),
        _MemberItem.tag.remove(),
    ]
    return (
        jobs.still_queued(place.tenant, place.job_id, _conflict(NotQueued)),
        tables.delete(_place_item(place), _PlaceItem.pk.exists(), _conflict(LeftQueue)),
        tables.update(member, actions, _MemberItem.tag == place.tag, _conflict(LeftQueue)),
    )


def _new_member(member: SlotOrPlace) -> Write:
    item = _MemberItem(
        _pk(member.tenant, member.job_id),
        "MEMBER",
        slot=member.slot if isinstance(member, Holder) else None,
        tag=member.tag if isinstance(member, Place) else None,
        since=timestamp(member.since),
        expires_at=epoch_s(member.since + KEPT),
    )
    return tables.put(item, _MemberItem.pk.does_not_exist(), _conflict(HasPlace))


def _drop_member(member: SlotOrPlace) -> Write:
    """Whoever holds a slot is known by the slot, so a record that is gone is no conflict."""
    return tables.delete(_MemberItem(_pk(member.tenant, member.job_id), "MEMBER"), None, _conflict(NotHeld))


def _slot_item(holder: Holder) -> _SlotItem:
    since = timestamp(holder.since)
    return _SlotItem(_SLOTS, f"{holder.slot:06}", tenant=holder.tenant, job=holder.job_id, since=since)


def _place_item(place: Place) -> _PlaceItem:
    return _PlaceItem(
        _PLACES,
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
    return lambda: kind("The place in the queue was changed meanwhile.")


def _pk(tenant: str, job_id: str) -> str:
    return f"{tenant}#{job_id}"


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
