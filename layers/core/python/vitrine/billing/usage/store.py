"""Usage in DynamoDB: all three windows of an account are one item, so one conditional update takes from all or none.

| item    | pk     | sk            | also                                                                         |
|---------|--------|---------------|------------------------------------------------------------------------------|
| USAGE   | tenant | USAGE#2026-11 | `month`, `completed`; by day `d20`, by hour `h2014`                          |
| REQUEST | tenant | REQUEST#batch | how many of a batch's photos there are, and how many failed                  |
"""

from datetime import datetime, timedelta
from typing import Any, cast

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from vitrine.billing.store import Item
from vitrine.billing.usage import rules
from vitrine.billing.usage.models import Counts, Request, Span, UsagePlan
from vitrine.jobs.models import Metering
from vitrine.jobs.service import StaleJob
from vitrine.kernel import tables
from vitrine.kernel.clock import epoch_s
from vitrine.kernel.errors import AppError, Conflict
from vitrine.kernel.tables import Write

MONTHS_KEPT = timedelta(days=400)
BATCHES_KEPT = timedelta(days=40)


class _UsageItem(Item, discriminator="USAGE"):
    month: Any = NumberAttribute(null=True)
    completed: Any = NumberAttribute(null=True)


class _RequestItem(Item, discriminator="REQUEST"):
    photos: Any = NumberAttribute()
    failed: Any = NumberAttribute()


class RequestExists(Conflict):
    code = "request_exists"


def counts(tenant: str, now: datetime) -> Counts:
    """In one read."""
    found = tables.client().get_item(
        TableName=Item.Meta.table_name, Key={"pk": {"S": tenant}, "sk": {"S": _month_sk(now)}}, ConsistentRead=True
    )
    numbers = {name: int(value["N"]) for name, value in found.get("Item", {}).items() if "N" in value}
    spans = {span.value: max(0, numbers.get(_attribute(span, now), 0)) for span in Span}
    return Counts(**spans, completed=numbers.get("completed", 0))


def take(tenant: str, request: Metering, plan: UsagePlan) -> tuple[Write, ...]:
    """Count a request in all windows. Conflicts with `TooManyRequests` when one has no room for it.

    A batch is also noted as one request, and conflicts with `RequestExists` when it was taken before.
    """
    now, taken = request.at, rules.amounts(request.photos)
    room = _all(_has_room(span, now, plan.most(span) - taken[span]) for span in Span)
    actions = [
        *(Path(_attribute(span, now)).add(amount) for span, amount in taken.items()),
        *(Path(name).remove() for name in _yesterdays_hours(now)),
        *_kept(now),
    ]
    counted = tables.update(
        _UsageItem(tenant, _month_sk(now)),
        actions,
        room,
        # Who was refused learns by which window: a read that nobody else pays for.
        lambda: rules.refusal(plan, counts(tenant, now), request.photos, now),
    )
    return (counted,) if request.photos == 1 else (counted, _note(tenant, request))


def complete(tenant: str, request: Metering) -> tuple[Write, ...]:
    return (_count(tenant, request, {"completed": 1}),)


def give_back(tenant: str, request: Metering, whole: bool, now: datetime) -> Write:
    """One photo's share of day and month, and with `whole` the hour's request, if that hour still counts."""
    shares = {_attribute(Span.DAY, request.at): -1, _attribute(Span.MONTH, request.at): -1}
    if whole and rules.is_current(Span.HOUR, request.at, now):
        shares[_attribute(Span.HOUR, request.at)] = -1
    return _count(tenant, request, shares)


def request(tenant: str, request_id: str) -> Request | None:
    try:
        item = _RequestItem.get(tenant, _request_sk(request_id), consistent_read=True)
    except _RequestItem.DoesNotExist:
        return None
    return Request(photos=item.photos, failed=item.failed)


def note_failure(tenant: str, request_id: str, is_last: bool, photos: int) -> Write:
    """One more photo of the batch failed. Conflicts with `StaleJob` when whether it is the last has changed."""
    failed = _RequestItem.failed
    condition = failed == photos - 1 if is_last else failed < photos - 1
    item = _RequestItem(tenant, _request_sk(request_id))
    return tables.update(item, [failed.add(1)], condition, lambda: StaleJob("Another photo of the batch failed too."))


def _note(tenant: str, request: Metering) -> Write:
    item = _RequestItem(
        tenant,
        _request_sk(request.request),
        photos=request.photos,
        failed=0,
        expires_at=epoch_s(request.at + BATCHES_KEPT),
    )
    return tables.put(item, _RequestItem.pk.does_not_exist(), lambda: RequestExists("This batch was counted before."))


def _count(tenant: str, request: Metering, changes: dict[str, int]) -> Write:
    actions = [*(Path(name).add(change) for name, change in changes.items()), *_kept(request.at)]
    return tables.update(_UsageItem(tenant, _month_sk(request.at)), actions, None, _never)


def _kept(now: datetime) -> tuple[Action, ...]:
    # An update makes the item when it is the month's first, so it says everything that a put would.
    return (
        Path("kind").set("USAGE"),
        _UsageItem.expires_at.set(epoch_s(rules.resets_at(Span.MONTH, now) + MONTHS_KEPT)),
    )


def _has_room(span: Span, now: datetime, most_before: int) -> Condition:
    path = Path(_attribute(span, now))
    return path.does_not_exist() | (path <= most_before) if most_before >= 0 else path < most_before


def _all(conditions: Any) -> Condition:
    first, *others = conditions
    for other in others:
        first = first & other
    return cast(Condition, first)


def _yesterdays_hours(now: datetime) -> list[str]:
    """So that the item stays small; those of a day without requests after it stay until the item goes."""
    yesterday = now - timedelta(days=1)
    if not rules.is_current(Span.MONTH, yesterday, now):
        return []
    return [_attribute(Span.HOUR, yesterday.replace(hour=hour)) for hour in range(24)]


def _attribute(span: Span, now: datetime) -> str:
    return {Span.HOUR: f"h{now:%d%H}", Span.DAY: f"d{now:%d}", Span.MONTH: "month"}[span]


def _month_sk(now: datetime) -> str:
    return f"USAGE#{now:%Y-%m}"


def _request_sk(request_id: str) -> str:
    return f"REQUEST#{request_id}"


def _never() -> AppError:
    return Conflict("An update without a condition was refused.")
