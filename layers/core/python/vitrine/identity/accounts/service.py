"""What other contexts, routes and operators do with accounts, their keys and their tokens."""

import hmac
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from vitrine.identity.accounts import rules, secrets, store
from vitrine.identity.accounts.models import (
    Account,
    ApiKey,
    Family,
    Holder,
    IssuedKey,
    RefreshToken,
    Tokens,
    User,
    UserChange,
)
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import AppError, NotFound, Unauthenticated
from vitrine.kernel.ids import Ids
from vitrine.kernel.observability import logger
from vitrine.kernel.principal import Principal

TOKENS = "tokens"
"""The scope of who called with a key: it may be exchanged for tokens, and a token may not."""
EmailTaken = store.EmailTaken
StaleAccount = store.StaleAccount
_TRIES = 8
_LOOK_AGAIN_S = 10.0
T = TypeVar("T")


def create(email: str, plan: str, ids: Ids, now: datetime, name: str | None = None, company: str | None = None) -> User:
    """Open an account. Raises `EmailTaken`."""
    user = User(
        id=ids.new("usr"),
        tenant=ids.new("ten"),
        email=email,
        name=name,
        company=company,
        plan=plan,
        created_at=now,
    )
    tables.commit(*store.insert(user))
    return user


def find(tenant: str) -> Account:
    """One query. Raises `NotFound`."""
    account = store.get(tenant)
    if account is None:
        raise _no_account()
    return account


def find_key(tenant: str, key_id: str) -> ApiKey:
    """One of the account's keys, one that has ended within the last 30 days too. Raises `NotFound`."""
    key = find(tenant).key(key_id)
    if key is None:
        raise rules.no_key()
    return key


def find_by_email(email: str) -> Account | None:
    tenant = store.tenant_of(email.strip().lower())
    return store.get(tenant) if tenant else None


def change(call: Call, said: UserChange) -> User:
    """In one write, or none if nothing is said. Raises `NotFound`. A repeat changes nothing."""
    fields = rules.fields_of(said)
    user = store.change(call.tenant, fields) if fields else find(call.tenant).user
    if user is None:
        raise _no_account()
    return user


def set_plan(tenant: str, plan: str, now: datetime) -> User:
    """What keys may use changes at once, what access tokens may within their 15 minutes. Raises `NotFound`."""

    def apply(account: Account) -> User:
        lookups = [key.lookup for key in account.keys if key.state(now).is_alive]
        tables.commit(store.advance(account, plan), *store.tell_plan(lookups, plan))
        return account.user.model_copy(update={"plan": plan})

    return _on_account(tenant, apply)


def issue_key(
    call: Call, name: str | None = None, replaces: str | None = None, overlap: timedelta = rules.OVERLAP
) -> IssuedKey:
    """A new key; the one it `replaces` holds for the `overlap` still.

    Idempotency key: the id, so a repeat shows the same key.

    Raises `NotFound` for the key to be replaced, `Conflict` when that is being replaced already, or when an account has
    `MOST_KEYS` keys that hold, and `Unauthenticated` for an access token whose key has ended.
    """
    key_id = call.ids.new("key")
    text = rules.key_text(secrets.pepper(), key_id, call.ids)
    digest = rules.key_digest(secrets.pepper(), text)
    key = ApiKey(
        id=key_id, prefix=rules.prefix_of(text), lookup=rules.lookup_of(digest), name=name, created_at=call.now
    )

    def apply(account: Account) -> IssuedKey:
        _check_caller(account, call)
        made = account.key(key_id)
        if made is not None:
            return IssuedKey(key=made, text=text)
        rules.check_room(account, call.now)
        retiring = rules.retiring(account, replaces, overlap, call.now) if replaces else None
        tables.commit(
            store.advance(account),
            *store.add_key(key, _holder(account.user, key, digest)),
            *(store.retire_key(account.user.tenant, retiring) if retiring else ()),
        )
        return IssuedKey(key=key, text=text)

    return _on_account(call.tenant, apply)


def revoke_key(call: Call, key_id: str) -> None:
    """The key ends now, and its refresh tokens with it. Idempotency key: the key's id.

    Raises `NotFound`, `Conflict` for the account's last key, and `Unauthenticated` for an access token whose key has
    ended.
    """

    def apply(account: Account) -> None:
        _check_caller(account, call)
        key = account.key(key_id)
        if key is None:
            raise rules.no_key()
        if key.revoked_at is None:
            rules.check_way_in(account, key, call.now)
            revoked = key.model_copy(update={"revoked_at": call.now})
            tables.commit(store.advance(account), *store.revoke_key(account.user.tenant, revoked))

    _on_account(call.tenant, apply)


def authenticate(token: str, now: datetime) -> Principal:
    """Who calls with a key or an access token: one read for a key, none for a token. Raises `Unauthenticated`."""
    if token.count(".") == 2:
        # Imported here: PyJWT and cryptography cost 70 ms of cold start, and most callers send a key.
        from vitrine.identity.accounts import tokens

        try:
            return tokens.verify(token, secrets.token_secrets(), now)
        except tokens.NotOurs:
            # Another process may know of a newer secret. Bounded, so that forged tokens cost no look-up each.
            return tokens.verify(token, secrets.token_secrets(_LOOK_AGAIN_S), now)
    return _of_key(token, now)


def issue_tokens(call: Call) -> Tokens:
    """A new family. Idempotency key: the family's id, so a repeat gives the same refresh token.

    Raises `Unauthenticated` when the key ended meanwhile, or when the family's first token was used already.
    """
    principal = call.principal
    assert principal.key_id is not None
    token = RefreshToken(tenant=call.tenant, family=call.ids.new("fam"), generation=1, nonce=_nonce(call.ids))
    family = _family(token, principal.key_id, call.now)
    try:
        tables.commit(*store.add_family(family, call.now))
    except store.StaleFamily:
        made = store.family(call.tenant, family.id, call.now)
        if made is None or made.digest != family.digest:
            raise _unknown_refresh() from None
    return _tokens(token, principal, call.now)


def refresh(text: str, now: datetime) -> Tokens:
    """Change a refresh token for new ones, once: whoever brings it again ends the whole family.

    Idempotency key: the refresh token, for `USED_TWICE_WITHIN`: its answer may have been lost, so the same successor is
    given again, until that one is used. Raises `Unauthenticated` for a token that does not hold, whatever the reason.
    """
    token = rules.open_refresh(secrets.pepper(), text)
    family = store.family(token.tenant, token.family, now) if token else None
    if token is None or family is None or family.revoked:
        raise _unknown_refresh()
    account = store.get(token.tenant)
    if account is None or not _holds(account, family.key_id, now):
        raise _unknown_refresh()
    following = rules.following(secrets.pepper(), token)
    before = family.model_copy(update={"digest": rules.refresh_digest(text)})
    try:
        tables.commit(
            *store.advance_family(before, _family(following, family.key_id, now), now),
            *([store.note_activity(token.tenant, now)] if _is_due(account.last_active, now) else []),
        )
    except store.StaleFamily:
        _check_lost_answer(token, before.digest, now)
    user = account.user
    return _tokens(following, Principal(user.tenant, user.id, plan=user.plan, key_id=family.key_id), now)


def _check_lost_answer(token: RefreshToken, digest: str, now: datetime) -> None:
    """A token that was used already: let it pass if its answer may have been lost, else end its family and raise."""
    family = store.family(token.tenant, token.family, now)
    if family is None:
        raise _unknown_refresh() from None
    if not rules.is_lost_answer(family, token, digest, now):
        _end(family)
        raise _unknown_refresh() from None


def _end(family: Family) -> None:
    """Somebody holds a copy of a token that its owner used, or the other way round: neither may go on."""
    tables.commit(store.revoke_family(family))
    logger.warning("refresh token used twice", tenant=family.tenant, family=family.id, generation=family.generation)


def _of_key(text: str, now: datetime) -> Principal:
    if not rules.could_be_key(text):
        raise _unknown_key()
    digest = rules.key_digest(secrets.pepper(), text)
    lookup = rules.lookup_of(digest)
    holder = store.holder(lookup)
    if holder is None or not hmac.compare_digest(holder.digest, digest):
        raise _unknown_key()
    if holder.ends_at is not None and now >= holder.ends_at:
        raise _unknown_key()
    if _is_due(holder.seen_at, now):
        # Another call may be noting the same use, and no call fails for it.
        with suppress(AppError):
            tables.commit(*store.note_use(lookup, holder, now))
    return Principal(
        holder.tenant,
        holder.actor,
        scopes=frozenset({TOKENS}),
        plan=holder.plan,
        key_id=holder.key_id,
    )


def _is_due(noted: datetime, now: datetime) -> bool:
    """Whether use is to be noted again: at most once an hour, so that it costs next to nothing."""
    return now - noted >= rules.NOTED_EVERY


def _on_account(tenant: str, apply: Callable[[Account], T]) -> T:
    """Read, apply, and again when somebody else changed the account in between."""
    for _ in range(_TRIES):
        with suppress(store.StaleAccount):
            return apply(find(tenant))
    raise store.StaleAccount("The account kept changing. Try again.")


def _check_caller(account: Account, call: Call) -> None:
    """An access token outlives its key by minutes; whoever holds one then must not make or end keys with it."""
    key_id = call.principal.key_id
    if key_id is not None and not _holds(account, key_id, call.now):
        raise _unknown_key()


def _holds(account: Account, key_id: str, now: datetime) -> bool:
    key = account.key(key_id)
    return key is not None and key.state(now).is_alive


def _holder(user: User, key: ApiKey, digest: str) -> Holder:
    return Holder(
        tenant=user.tenant, actor=user.id, key_id=key.id, digest=digest, plan=user.plan, seen_at=key.created_at
    )


def _family(token: RefreshToken, key_id: str, now: datetime) -> Family:
    return Family(
        id=token.family,
        tenant=token.tenant,
        key_id=key_id,
        generation=token.generation,
        digest=rules.refresh_digest(rules.seal_refresh(secrets.pepper(), token)),
        ends_at=now + rules.REFRESH_FOR,
    )


def _tokens(token: RefreshToken, principal: Principal, now: datetime) -> Tokens:
    from vitrine.identity.accounts import tokens

    access = tokens.sign(principal, secrets.token_secrets()[0], now)
    refresh = rules.seal_refresh(secrets.pepper(), token)
    return Tokens(access_token=access, refresh_token=refresh, expires_in=int(rules.ACCESS_FOR.total_seconds()))


def _nonce(ids: Ids) -> str:
    return ids.new("non").removeprefix("non_")


def _no_account() -> NotFound:
    return NotFound("There is no such account.", code="account_not_found")


def _unknown_key() -> Unauthenticated:
    return Unauthenticated("This API key is not valid.", code="invalid_api_key")


def _unknown_refresh() -> Unauthenticated:
    return Unauthenticated(
        "This refresh token is not valid. Ask for a new one with your API key.", code="invalid_token"
    )
