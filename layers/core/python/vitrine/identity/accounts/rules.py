"""Texts of keys and refresh tokens, their keyed digests, and what may become of a key.

A key reads `sck_PREFIX_SECRET`. Its secret comes from the pepper and from fresh entropy, so that a request repeated
under its Idempotency-Key shows the same key again although no secret is stored.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from vitrine.identity.accounts.models import Account, ApiKey, Family, KeyState, RefreshToken, UserChange
from vitrine.kernel.errors import Conflict, NotFound
from vitrine.kernel.ids import Ids

ACCESS_FOR = timedelta(minutes=15)
REFRESH_FOR = timedelta(days=30)
OVERLAP = timedelta(hours=24)
USED_TWICE_WITHIN = timedelta(seconds=10)
"""How long a refresh token that was just used gives the same tokens again: its answer may have been lost."""
REMEMBERED = timedelta(days=30)
NOTED_EVERY = timedelta(hours=1)
MOST_KEYS = 10
MOST_REMEMBERED = 100
"""Keys that ended count for `REMEMBERED`: each read of an account reads them too."""

KEY_PREFIX = "sck_"
_KEY = re.compile(r"sck_([0-9A-Za-z]{12})_[0-9A-Za-z]{43}")
_REFRESH = re.compile(r"scr_([0-9a-z]{26})([0-9a-z]{26})_([0-9]{1,9})_([0-9a-z]{26})_([0-9A-Za-z]{43})")
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_KEY_TEXT = 43


def mac(pepper: bytes, purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of `text`; the purpose keeps digests of one kind from ever being those of another."""
    return hmac.new(pepper, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()


def key_text(pepper: bytes, key_id: str, ids: Ids) -> str:
    """The whole key. Takes 160 bits from `ids`."""
    secret = mac(pepper, "api key", f"{key_id} {ids.new('sec')} {ids.new('sec')}")
    return f"{KEY_PREFIX}{_prefix(key_id)}_{_base62(secret)}"


def prefix_of(key_text: str) -> str:
    """The part that may be shown: it names the key to its owner, and nobody can call with it."""
    return key_text[: len(KEY_PREFIX) + 12]


def could_be_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def key_digest(pepper: bytes, text: str) -> str:
    """64 hexadecimal digits. The first half says where the key's holder is stored, the whole is compared."""
    return mac(pepper, "lookup", text).hex()


def lookup_of(digest: str) -> str:
    return digest[:32]


def seal_refresh(pepper: bytes, token: RefreshToken) -> str:
    body = f"{token.tenant[4:]}{token.family[4:]}_{token.generation}_{token.nonce}"
    return f"scr_{body}_{_base62(mac(pepper, 'refresh', body))}"


def open_refresh(pepper: bytes, text: str) -> RefreshToken | None:
    """None for a text that we did not make: only one that we made can count as used twice."""
    found = _REFRESH.fullmatch(text)
    if found is None:
        return None
    tenant, family, generation, nonce, _ = found.groups()
    token = RefreshToken(tenant=f"ten_{tenant}", family=f"fam_{family}", generation=int(generation), nonce=nonce)
    return token if hmac.compare_digest(seal_refresh(pepper, token), text) else None


def following(pepper: bytes, token: RefreshToken) -> RefreshToken:
    """The token that comes after one: always the same, so that a lost answer can be given again; known to us alone."""
    number = int.from_bytes(mac(pepper, "next refresh", f"{token.family}_{token.generation}_{token.nonce}"), "big")
    nonce = "".join(_BASE36[number // 36**place % 36] for place in range(26))
    return token.model_copy(update={"generation": token.generation + 1, "nonce": nonce})


def is_lost_answer(family: Family, token: RefreshToken, digest: str, now: datetime) -> bool:
    """Whether a token that was used comes once more within moments, and its successor was not used since."""
    just_used = family.used_at is not None and abs(now - family.used_at) <= USED_TWICE_WITHIN
    is_last = family.used_digest == digest and family.generation == token.generation + 1
    return just_used and is_last and not family.revoked


def refresh_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def check_room(account: Account, now: datetime) -> None:
    if sum(key.state(now).is_alive for key in account.keys) >= MOST_KEYS:
        raise Conflict(f"An account has at most {MOST_KEYS} keys. Revoke one first.", code="too_many_keys")
    if len(account.keys) >= MOST_REMEMBERED:
        raise Conflict("Too many keys were made in the last 30 days. Try again in some days.", code="too_many_keys")


def check_way_in(account: Account, key: ApiKey, now: datetime) -> None:
    """Raises `Conflict` for the last key: nobody could make another after it. One that is being replaced is none."""
    others = (each for each in account.keys if each.id != key.id)
    if key.state(now).is_alive and not any(each.state(now) is KeyState.ACTIVE for each in others):
        raise Conflict("This is the account's last key. Make another one first, then revoke it.", code="last_key")


def retiring(account: Account, key_id: str, overlap: timedelta, now: datetime) -> ApiKey:
    """The key as it is once another replaces it. Raises `NotFound`, and `Conflict` unless it is active."""
    key = account.key(key_id)
    if key is None or not key.state(now).is_alive:
        raise no_key()
    if key.state(now) is not KeyState.ACTIVE:
        raise Conflict("This key is being replaced already.", code="key_is_expiring")
    return key.model_copy(update={"ends_at": now + overlap})


def fields_of(change: UserChange) -> dict[str, str | bool | None]:
    """What a change says, by the names of fields; of its preferences too only what it says."""
    said = change.model_dump(exclude_unset=True)
    preferences = said.pop("notification_preferences", {})
    return {**said, **preferences}


def no_key() -> NotFound:
    return NotFound("There is no such key.", code="key_not_found")


def _prefix(key_id: str) -> str:
    return _base62(hashlib.sha256(key_id.encode()).digest())[:12]


def _base62(raw: bytes) -> str:
    """32 bytes as 43 characters."""
    number, digits = int.from_bytes(raw, "big"), []
    for _ in range(_KEY_TEXT):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(digits)
