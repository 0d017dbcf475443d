"""List cursors: opaque to clients, signed, and bound to the list they continue."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from vitrine.kernel.errors import Invalid

_TAG = 16

Position = dict[str, Any]


class Cursors:
    """`key` is asked for at first use, since most requests carry no cursor and the key costs a call."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key = key

    def seal(self, listing: str, position: Position) -> str:
        body = json.dumps(position, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._tag(listing, body) + body).decode().rstrip("=")

    def open(self, listing: str, cursor: str) -> Position:
        """Raises `Invalid` for a cursor that we did not make, or made for another list."""
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise _invalid() from None
        tag, body = sealed[:_TAG], sealed[_TAG:]
        if not hmac.compare_digest(tag, self._tag(listing, body)):
            raise _invalid()
        position: Position = json.loads(body)
        return position

    def _tag(self, listing: str, body: bytes) -> bytes:
        return hmac.new(self._key(), listing.encode() + b"\0" + body, hashlib.sha256).digest()[:_TAG]


def _invalid() -> Invalid:
    return Invalid.field("query.cursor", "unknown", "This is not a cursor of this list.")
