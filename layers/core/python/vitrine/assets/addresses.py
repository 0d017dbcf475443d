"""What makes an address ours that needs no sign-in: our signature over whose it is, tied to what it leads to.

Whoever has such an address may follow it, since a page's `<img>` sends no token: it is a capability. It has no end of
its own, so whoever opens one reads whether what it leads to is still there.
"""

from typing import Any

from vitrine.kernel import secrets
from vitrine.kernel.cursors import Cursors
from vitrine.kernel.environment import CursorKey
from vitrine.kernel.errors import Invalid, NotFound


class Capabilities:
    """Raises `ConfigurationMissingError` at cold start without the key that signs."""

    def __init__(self) -> None:
        key = CursorKey.load()
        self._seals = Cursors(lambda: secrets.value(key.cursor_key_secret_arn).encode())

    def seal(self, purpose: str, claims: dict[str, Any]) -> str:
        """In characters that an address may hold anywhere; the same claims always give the same."""
        return self._seals.seal(purpose, claims)

    def open(self, purpose: str, key: str) -> dict[str, Any]:
        """Raises `NotFound` for what we did not seal, or for another purpose."""
        try:
            return self._seals.open(purpose, key)
        except Invalid:
            raise no_picture() from None


def no_picture() -> NotFound:
    return NotFound("There is no such picture, or not any more.", code="picture_not_found")
