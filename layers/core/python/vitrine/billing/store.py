"""Accounts and their ledger in DynamoDB.

| item     | pk                 | sk              | also                                                         |
|----------|--------------------|-----------------|--------------------------------------------------------------|
| ACCOUNT  | tenant             | ACCOUNT         | balances, changed by ADD; what Stripe sent, under a version  |
| ENTRY    | tenant             | ENTRY#kind#key  | never changed; by_time; written with the balances it moves   |
| HOLD     | tenant             | HOLD#job        | reserved, then settled or refunded                           |
| WAITING  | tenant             | ACCOUNT#customer| Stripe's customer whose events wait for the account to open  |
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from vitrine.billing import rules
from vitrine.billing.models import Balances, CreditAccount, Entry, HoldState, LedgerAccount, StripeProfile
from vitrine.kernel import schema, tables
from vitrine.kernel.clock import timestamp
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import AppError, Conflict, NotFound, PaymentRequired
from vitrine.kernel.tables import Table, Write

(_BY_TIME,) = schema.BILLING.indexes


class _ByTime(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = _BY_TIME.name
        projection = AllProjection()

    pk: Any = UnicodeAttribute(hash_key=True)
    at: Any = UnicodeAttribute(range_key=True)


class Item(Table):
    class Meta:
        table_name = schema.BILLING.deployed_name()

    kind: Any = DiscriminatorAttribute()

    by_time = _ByTime()


class _AccountItem(Item, discriminator="ACCOUNT"):
    granted: Any = NumberAttribute()
    available: Any = NumberAttribute()
    held: Any = NumberAttribute()
    spent: Any = NumberAttribute()
    version: Any = NumberAttribute()
    stripe: Any = UnicodeAttribute()
    opened_at: Any = UnicodeAttribute()


class _EntryItem(Item, discriminator="ENTRY"):
    at: Any = UnicodeAttribute(null=True)
    body: Any = UnicodeAttribute()


class _HoldItem(Item, discriminator="HOLD"):
    state: Any = UnicodeAttribute()
    credits: Any = NumberAttribute()


class _WaitingItem(Item, discriminator="WAITING"):
    customer: Any = UnicodeAttribute()


class AccountExists(Conflict):
    code = "account_exists"


class EntryExists(Conflict):
    """The ledger has an entry for this already: the same movement, made before."""

    code = "entry_exists"

    def __init__(self, key: str) -> None:
        super().__init__("This was booked before.")
        self.key = key


class HoldExists(Conflict):
    code = "hold_exists"


class NotReserved(Conflict):
    """The job holds no such credits: they were never reserved, or are settled or refunded already."""

    code = "not_reserved"


class StaleAccount(Conflict):
    """Stripe sent more about this account since it was read, or it was opened. Read it again."""

    code = "stale_account"


def get(tenant: str) -> CreditAccount | None:
    try:
        item = _AccountItem.get(tenant, "ACCOUNT", consistent_read=True)
    except _AccountItem.DoesNotExist:
        return None
    return CreditAccount(
        tenant=tenant,
        balances=Balances(granted=item.granted, available=item.available, held=item.held, spent=item.spent),
        stripe=StripeProfile.model_validate_json(item.stripe),
        version=item.version,
        opened_at=datetime.fromisoformat(item.opened_at),
    )


def look(tenant: str) -> tuple[bool, tuple[str, ...]]:
    """Whether the account is open, and which of Stripe's customers have events that waited for it."""
    items = list(Item.query(tenant, Item.sk.startswith("ACCOUNT"), consistent_read=True))
    waiting = tuple(item.customer for item in items if isinstance(item, _WaitingItem))
    return len(waiting) < len(items), waiting


def entries(tenant: str) -> list[Entry]:
    items = _EntryItem.query(tenant, _EntryItem.sk.startswith("ENTRY#"), consistent_read=True)
    return [Entry.model_validate_json(item.body) for item in items]


def history(tenant: str, limit: int, after: Position | None) -> tuple[list[Entry], Position | None]:
    """The newest entries first, as the index knows them: what was written within the last second may be missing."""
    results = _EntryItem.by_time.query(
        tenant, limit=limit, page_size=limit, last_evaluated_key=after, scan_index_forward=False
    )
    return [Entry.model_validate_json(item.body) for item in results], results.last_evaluated_key


def insert(tenant: str, opening: Entry, now: datetime) -> tuple[Write, ...]:
    """A new account with its opening grant. Conflicts with `AccountExists`."""
    item = _AccountItem(
        tenant,
        "ACCOUNT",
        **rules.balances_of([opening]).model_dump(),
        version=1,
        stripe=StripeProfile().model_dump_json(),
        opened_at=timestamp(now),
    )
    absent = _AccountItem.pk.does_not_exist()
    return tables.put(item, absent, lambda: AccountExists("This account exists.")), _entry(opening)


def begin_waiting(tenant: str, customer: str) -> tuple[Write, ...]:
    """Note for the first call of a tenant that events of a customer wait. Conflicts with `StaleAccount` once it came.

    Nothing can begin to wait for an account that is open, so whoever looks after it opened sees all that waited.
    """
    item = _WaitingItem(*_waiting_key(tenant, customer), customer=customer)
    unopened = tables.check(_AccountItem, (tenant, "ACCOUNT"), _AccountItem.pk.does_not_exist(), _stale)
    return unopened, tables.put(item, None, _stale)


def end_waiting(tenant: str, customer: str) -> Write:
    return tables.delete(_WaitingItem(*_waiting_key(tenant, customer)), None, _stale)


def grant(entry: Entry) -> tuple[Write, ...]:
    """Conflicts with `EntryExists`, and with `NotFound` when there is no such account."""
    return _entry(entry), _move(entry.tenant, [entry], _AccountItem.pk.exists(), _no_account)


def reserve(entry: Entry, job_id: str) -> tuple[Write, ...]:
    """Conflicts with `HoldExists`, and with `PaymentRequired` when less is available."""
    hold = _HoldItem(entry.tenant, _hold_sk(job_id), state=HoldState.RESERVED.value, credits=entry.amount)
    return (
        tables.put(hold, _HoldItem.pk.does_not_exist(), lambda: HoldExists("Credits are reserved already.")),
        _entry(entry),
        _move(entry.tenant, [entry], _AccountItem.available >= entry.amount, _out_of_credits),
    )


def conclude(entry: Entry, job_id: str, outcome: HoldState) -> tuple[Write, ...]:
    """Conflicts with `NotReserved`."""
    reserved = (_HoldItem.state == HoldState.RESERVED.value) & (_HoldItem.credits == entry.amount)
    return (
        tables.update(
            _HoldItem(entry.tenant, _hold_sk(job_id)),
            [_HoldItem.state.set(outcome.value)],
            reserved,
            lambda: NotReserved("This job holds no such credits."),
        ),
        _entry(entry),
        _move(entry.tenant, [entry], _AccountItem.held >= entry.amount, lambda: NotReserved("The account holds less.")),
    )


def record_stripe_profile(account: CreditAccount, profile: StripeProfile, grants: Iterable[Entry]) -> tuple[Write, ...]:
    """What Stripe has sent by now, with the credits it brings.

    Conflicts with `StaleAccount` unless the stored version is that of `account`, and when another try has booked one of
    the entries: its writes are one transaction with the next version.
    """
    grants = list(grants)
    actions = [_AccountItem.stripe.set(profile.model_dump_json()), _AccountItem.version.set(account.version + 1)]
    current = _AccountItem.version == account.version
    booked = (_entry(entry, _stale) for entry in grants)
    return *booked, _move(account.tenant, grants, current, _stale, actions)


def _move(
    tenant: str,
    moved: Iterable[Entry],
    condition: Condition,
    conflict: Callable[[], AppError],
    also: Iterable[Action] = (),
) -> Write:
    """The account's balances move by what the entries say, never by anything else."""
    actions = [_add(account, amount) for account, amount in rules.movements(moved).items()]
    return tables.update(_AccountItem(tenant, "ACCOUNT"), [*also, *actions], condition, conflict)


def _add(account: LedgerAccount, amount: int) -> Action:
    if account is LedgerAccount.GRANTS:
        return cast(Action, _AccountItem.granted.add(-amount))
    return cast(Action, getattr(_AccountItem, account.value).add(amount))


def _entry(entry: Entry, conflict: Callable[[], AppError] | None = None) -> Write:
    at = f"{timestamp(entry.at)}#{entry.key}"
    item = _EntryItem(entry.tenant, f"ENTRY#{entry.key}", at=at, body=entry.model_dump_json())
    return tables.put(item, _EntryItem.pk.does_not_exist(), conflict or (lambda: EntryExists(entry.key)))


def _waiting_key(tenant: str, customer: str) -> tuple[str, str]:
    return tenant, f"ACCOUNT#{customer}"


def _hold_sk(job_id: str) -> str:
    return f"HOLD#{job_id}"


def _out_of_credits() -> AppError:
    return PaymentRequired(rules.OUT_OF_CREDITS)


def _no_account() -> AppError:
    return NotFound("There is no such account.")


def _stale() -> AppError:
    return StaleAccount("The account was changed meanwhile.")
