"""Accounts in DynamoDB, all under their tenant but for the two ways to find one.

| item    | pk            | sk                | also                                                              |
|---------|---------------|-------------------|-------------------------------------------------------------------|
| ACCOUNT | tenant        | ACCOUNT           | the user; a version, under which the plan and keys change         |
| KEY     | tenant        | ACCOUNT#KEY#id    | a key as listed; gone by itself 30 days after it ended            |
| FAMILY  | tenant        | FAMILY#id         | the newest refresh token's digest                                 |
| HOLDER  | HOLDER#digest | HOLDER            | whom a key names; deleted with its revocation                     |
| EMAIL   | EMAIL#address | EMAIL             | the tenant whose address it is                                    |
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pynamodb.attributes import BooleanAttribute, DiscriminatorAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from vitrine.identity.accounts.models import Account, ApiKey, Family, Holder, NotificationPreferences, User
from vitrine.identity.accounts.rules import REMEMBERED
from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s, timestamp
from vitrine.kernel.errors import AppError, Conflict
from vitrine.kernel.tables import Table, Write


class _Item(Table):
    class Meta:
        table_name = schema.IDENTITY.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _AccountItem(_Item, discriminator="ACCOUNT"):
    version: Any = NumberAttribute()
    user_id: Any = UnicodeAttribute()
    email: Any = UnicodeAttribute()
    plan: Any = UnicodeAttribute()
    name: Any = UnicodeAttribute(null=True)
    company: Any = UnicodeAttribute(null=True)
    default_style: Any = UnicodeAttribute(null=True)
    email_on_completion: Any = BooleanAttribute()
    processing_updates: Any = BooleanAttribute()
    created_at: Any = UnicodeAttribute()
    last_active: Any = UnicodeAttribute()


class _KeyItem(_Item, discriminator="KEY"):
    ends_at: Any = UnicodeAttribute(null=True)
    revoked_at: Any = UnicodeAttribute(null=True)
    body: Any = UnicodeAttribute()


class _FamilyItem(_Item, discriminator="FAMILY"):
    generation: Any = NumberAttribute()
    digest: Any = UnicodeAttribute()
    revoked: Any = BooleanAttribute()
    key_id: Any = UnicodeAttribute()
    ends_at: Any = UnicodeAttribute()
    used_digest: Any = UnicodeAttribute(null=True)
    used_at: Any = UnicodeAttribute(null=True)


class _HolderItem(_Item, discriminator="HOLDER"):
    tenant: Any = UnicodeAttribute()
    actor: Any = UnicodeAttribute()
    key_id: Any = UnicodeAttribute()
    digest: Any = UnicodeAttribute()
    plan: Any = UnicodeAttribute()
    ends_at: Any = UnicodeAttribute(null=True)
    seen_at: Any = UnicodeAttribute()


class _EmailItem(_Item, discriminator="EMAIL"):
    tenant: Any = UnicodeAttribute()


class EmailTaken(Conflict):
    code = "email_taken"


class StaleAccount(Conflict):
    """The account was changed since it was read. Read it again."""

    code = "stale_account"


class StaleFamily(Conflict):
    """The family's newest token is another one by now, or its key has ended."""

    code = "stale_family"


def insert(user: User) -> tuple[Write, ...]:
    """Conflicts with `EmailTaken`, and with `StaleAccount` when the tenant has an account."""
    item = _AccountItem(
        user.tenant,
        "ACCOUNT",
        version=1,
        user_id=user.id,
        created_at=timestamp(user.created_at),
        last_active=timestamp(user.created_at),
        **user.model_dump(include={"email", "plan", "name", "company", "default_style"}),
        **user.notification_preferences.model_dump(),
    )
    email = _EmailItem(_email_pk(user.email), "EMAIL", tenant=user.tenant)
    return (
        tables.put(item, _AccountItem.pk.does_not_exist(), _stale),
        tables.put(email, _EmailItem.pk.does_not_exist(), lambda: EmailTaken("This address has an account.")),
    )


def get(tenant: str) -> Account | None:
    """The account with its keys, in one query."""
    items = list(_Item.query(tenant, _Item.sk.startswith("ACCOUNT"), consistent_read=True))
    heads = [item for item in items if isinstance(item, _AccountItem)]
    keys = tuple(ApiKey.model_validate_json(item.body) for item in items if isinstance(item, _KeyItem))
    return _account(heads[0], keys) if heads else None


def user(tenant: str) -> User | None:
    try:
        return _user(_AccountItem.get(tenant, "ACCOUNT", consistent_read=True))
    except _AccountItem.DoesNotExist:
        return None


def tenant_of(email: str) -> str | None:
    try:
        return cast(str, _EmailItem.get(_email_pk(email), "EMAIL", consistent_read=True).tenant)
    except _EmailItem.DoesNotExist:
        return None


def holder(lookup: str) -> Holder | None:
    try:
        item = _HolderItem.get(_holder_pk(lookup), "HOLDER", consistent_read=True)
    except _HolderItem.DoesNotExist:
        return None
    return Holder(
        tenant=item.tenant,
        actor=item.actor,
        key_id=item.key_id,
        digest=item.digest,
        plan=item.plan,
        ends_at=_moment(item.ends_at),
        seen_at=datetime.fromisoformat(item.seen_at),
    )


def change(tenant: str, said: Mapping[str, Any]) -> User | None:
    """Set what is said of the user's fields and leave the rest, in one write; None when there is no such account."""
    item = _AccountItem(tenant, "ACCOUNT")
    try:
        item.update([_set(name, value) for name, value in said.items()], condition=_AccountItem.pk.exists())
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return None
    return _user(item)


def advance(account: Account, plan: str | None = None) -> Write:
    """The account's next version, for what changes its plan or its keys. Conflicts with `StaleAccount`."""
    actions = [_AccountItem.version.set(account.version + 1), _AccountItem.plan.set(plan or account.user.plan)]
    item = _AccountItem(account.user.tenant, "ACCOUNT")
    return tables.update(item, actions, _AccountItem.version == account.version, _stale)


def add_key(key: ApiKey, holder: Holder) -> tuple[Write, ...]:
    item = _key_item(holder.tenant, key)
    return tables.put(item, _KeyItem.pk.does_not_exist(), _stale), _put_holder(key.lookup, holder)


def retire_key(tenant: str, key: ApiKey) -> tuple[Write, ...]:
    """The key ends at its `ends_at`. Conflicts with `StaleAccount` when it is gone."""
    ends = timestamp(_known(key.ends_at))
    holder = _HolderItem(_holder_pk(key.lookup), "HOLDER")
    return (
        tables.put(_key_item(tenant, key), _KeyItem.pk.exists(), _stale),
        tables.update(
            holder,
            [_HolderItem.ends_at.set(ends), _HolderItem.expires_at.set(_ttl(key.ends_at))],
            _HolderItem.pk.exists(),
            _stale,
        ),
    )


def revoke_key(tenant: str, key: ApiKey) -> tuple[Write, ...]:
    """The key names nobody any more."""
    return (
        tables.put(_key_item(tenant, key), _KeyItem.pk.exists(), _stale),
        tables.delete(_HolderItem(_holder_pk(key.lookup), "HOLDER"), None, _stale),
    )


def tell_plan(lookups: Sequence[str], plan: str) -> tuple[Write, ...]:
    """What each key's holder may use. Conflicts with `StaleAccount` when a key is gone."""
    return tuple(
        tables.update(
            _HolderItem(_holder_pk(lookup), "HOLDER"),
            [_HolderItem.plan.set(plan)],
            _HolderItem.pk.exists(),
            _stale,
        )
        for lookup in lookups
    )


def note_use(lookup: str, holder: Holder, now: datetime) -> tuple[Write, ...]:
    """Conflicts with `StaleAccount` when key or account went meanwhile, or another call noted it first."""
    seen = _HolderItem.seen_at == timestamp(holder.seen_at)
    actions = [_HolderItem.seen_at.set(timestamp(now))]
    return (
        tables.update(_HolderItem(_holder_pk(lookup), "HOLDER"), actions, seen, _stale),
        note_activity(holder.tenant, now),
    )


def note_activity(tenant: str, now: datetime) -> Write:
    """Conflicts with `StaleAccount` when the account is gone."""
    actions = [_AccountItem.last_active.set(timestamp(now))]
    return tables.update(_AccountItem(tenant, "ACCOUNT"), actions, _AccountItem.pk.exists(), _stale)


def family(tenant: str, family_id: str, now: datetime) -> Family | None:
    try:
        item = _FamilyItem.get(tenant, _family_sk(family_id), consistent_read=True)
    except _FamilyItem.DoesNotExist:
        return None
    found = Family(
        id=family_id,
        tenant=tenant,
        key_id=item.key_id,
        generation=item.generation,
        digest=item.digest,
        revoked=item.revoked,
        ends_at=datetime.fromisoformat(item.ends_at),
        used_digest=item.used_digest,
        used_at=_moment(item.used_at),
    )
    return found if now < found.ends_at else None


def add_family(family: Family, now: datetime) -> tuple[Write, ...]:
    """Conflicts with `StaleFamily` when it is there already, or its key has ended."""
    item = _FamilyItem(
        family.tenant,
        _family_sk(family.id),
        generation=family.generation,
        digest=family.digest,
        revoked=False,
        key_id=family.key_id,
        ends_at=timestamp(family.ends_at),
        expires_at=epoch_s(family.ends_at),
    )
    return tables.put(item, _FamilyItem.pk.does_not_exist(), _stale_family), _key_holds(family, now)


def advance_family(before: Family, after: Family, now: datetime) -> tuple[Write, ...]:
    """The next token takes the place of the one used. Conflicts with `StaleFamily`."""
    unused = (_FamilyItem.digest == before.digest) & (_FamilyItem.revoked == False)  # noqa: E712 - a condition
    actions = [
        _FamilyItem.generation.set(after.generation),
        _FamilyItem.digest.set(after.digest),
        _FamilyItem.ends_at.set(timestamp(after.ends_at)),
        _FamilyItem.expires_at.set(epoch_s(after.ends_at)),
        _FamilyItem.used_digest.set(before.digest),
        _FamilyItem.used_at.set(timestamp(now)),
    ]
    item = _FamilyItem(after.tenant, _family_sk(after.id))
    return tables.update(item, actions, unused, _stale_family), _key_holds(after, now)


def revoke_family(family: Family) -> Write:
    item = _FamilyItem(family.tenant, _family_sk(family.id))
    return tables.update(item, [_FamilyItem.revoked.set(True)], _FamilyItem.pk.exists(), _stale_family)


def _key_holds(family: Family, now: datetime) -> Write:
    lasts = _KeyItem.ends_at.does_not_exist() | (_KeyItem.ends_at > timestamp(now))
    alive = _KeyItem.pk.exists() & _KeyItem.revoked_at.does_not_exist() & lasts
    return tables.check(_KeyItem, (family.tenant, _key_sk(family.key_id)), alive, _stale_family)


def _account(item: _AccountItem, keys: tuple[ApiKey, ...]) -> Account:
    return Account(
        user=_user(item), keys=keys, version=item.version, last_active=datetime.fromisoformat(item.last_active)
    )


def _user(item: _AccountItem) -> User:
    return User(
        id=item.user_id,
        tenant=item.pk,
        email=item.email,
        name=item.name,
        company=item.company,
        plan=item.plan,
        default_style=item.default_style,
        notification_preferences=NotificationPreferences(
            email_on_completion=item.email_on_completion, processing_updates=item.processing_updates
        ),
        created_at=datetime.fromisoformat(item.created_at),
    )


def _set(name: str, value: Any) -> Action:
    attribute = getattr(_AccountItem, name)
    return cast(Action, attribute.remove() if value is None else attribute.set(value))


def _key_item(tenant: str, key: ApiKey) -> _KeyItem:
    ended = key.revoked_at or key.ends_at
    return _KeyItem(
        tenant,
        _key_sk(key.id),
        ends_at=timestamp(key.ends_at) if key.ends_at else None,
        revoked_at=timestamp(key.revoked_at) if key.revoked_at else None,
        body=key.model_dump_json(),
        expires_at=_ttl(ended),
    )


def _put_holder(lookup: str, holder: Holder) -> Write:
    item = _HolderItem(
        _holder_pk(lookup),
        "HOLDER",
        tenant=holder.tenant,
        actor=holder.actor,
        key_id=holder.key_id,
        digest=holder.digest,
        plan=holder.plan,
        seen_at=timestamp(holder.seen_at),
    )
    return tables.put(item, _HolderItem.pk.does_not_exist(), _stale)


def _ttl(ended: datetime | None) -> int | None:
    return None if ended is None else epoch_s(ended + REMEMBERED)


def _known(moment: datetime | None) -> datetime:
    assert moment is not None
    return moment


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _email_pk(email: str) -> str:
    return f"EMAIL#{email}"


def _holder_pk(lookup: str) -> str:
    return f"HOLDER#{lookup}"


def _key_sk(key_id: str) -> str:
    return f"ACCOUNT#KEY#{key_id}"


def _family_sk(family_id: str) -> str:
    return f"FAMILY#{family_id}"


def _stale() -> AppError:
    return StaleAccount("The account was changed meanwhile.")


def _stale_family() -> AppError:
    return StaleFamily("This token was used meanwhile.")
