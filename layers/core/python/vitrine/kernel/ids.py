"""Identifiers: a prefix that names the kind, and a ULID (48 bits of milliseconds, 80 of chance), so ids sort by age.

An `Ids` source is an argument, never a global. `seeded` makes the same ids again for the same seed: a request that is
repeated under one idempotency key meets what its first try wrote instead of writing it twice.
"""

import hashlib
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"

_ID = re.compile(f"[a-z]{{3,7}}_[{_CROCKFORD}]{{26}}")

_UUID = re.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_EPOCH = datetime.fromtimestamp(0, UTC)
Entropy = Callable[[], bytes]


def ulid(moment: datetime, entropy: bytes) -> str:
    """26 characters of Crockford base 32, lower case. `entropy` is 10 bytes. Layout: github.com/ulid/spec."""
    number = int(moment.timestamp() * 1000) << 80 | int.from_bytes(entropy, "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def earliest(moment: datetime) -> str:
    """The first ULID of that millisecond; all that are made before it sort before this one."""
    return ulid(max(moment, _EPOCH), bytes(10))


def is_id(text: str, *prefixes: str) -> bool:
    """Whether `text` could be an id of that kind, under one of its prefixes.

    What could not is not looked up, and never becomes part of a key.
    """
    return _ID.fullmatch(text) is not None and text.partition("_")[0] in prefixes


def uuid_in(text: str) -> str | None:
    """A UUID in its one spelling (RFC 9562 section 4), or None. What is none is not looked up."""
    return text.lower() if _UUID.fullmatch(text) else None


class Ids:
    """Makes ids for one moment from one source of entropy."""

    def __init__(self, moment: datetime, entropy: Entropy) -> None:
        self._moment = moment
        self._entropy = entropy

    @classmethod
    def random(cls, moment: datetime) -> "Ids":
        return cls(moment, lambda: os.urandom(10))

    @classmethod
    def seeded(cls, moment: datetime, seed: str) -> "Ids":
        """Ids that depend only on `moment`, `seed` and how many were made before."""
        made = 0

        def entropy() -> bytes:
            nonlocal made
            made += 1
            return hashlib.sha256(f"{seed}/{made}".encode()).digest()[:10]

        return cls(moment, entropy)

    def uuid(self) -> str:
        """A UUID of version 7 (RFC 9562 section 5.7): sorts by age, as ULIDs do."""
        return _uuid7(int(self._moment.timestamp() * 1000), self._entropy())

    def new(self, prefix: str) -> str:
        return f"{prefix}_{ulid(self._moment, self._entropy())}"


def uuid_of(parent: str, *what: str) -> str:
    """A UUID of version 7 that depends on nothing but these: beside `parent`, another such UUID, in age."""
    said = hashlib.sha256("\n".join((parent, *what)).encode()).digest()
    return _uuid7(UUID(parent).int >> 80, said[:10])


def _uuid7(milliseconds: int, entropy: bytes) -> str:
    chance = int.from_bytes(entropy, "big")
    number = milliseconds << 80 | 7 << 76 | (chance >> 62 & 0xFFF) << 64
    return str(UUID(int=number | 2 << 62 | chance & (1 << 62) - 1))
