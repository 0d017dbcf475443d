from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StrictBool, StringConstraints

from vitrine.kernel.record import Record

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"\S")]
# The local part is the host's business (RFC 5321 section 2.3.11); only what could never be delivered is refused.
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
]


class NotificationPreferences(Record):
    email_on_completion: Annotated[
        StrictBool, Field(description="A mail when a staging or a batch is over, well or not; none for what you cancel")
    ] = False
    processing_updates: Annotated[
        StrictBool, Field(description="A mail when work on a staging begins; none for the photos of a batch")
    ] = False


class User(Record):
    """Who an account belongs to. `plan` is a name; `billing.usage` knows what it allows."""

    id: str
    tenant: str
    email: Email = Field(repr=False)
    name: str | None = None
    company: str | None = None
    plan: str
    default_style: str | None = None
    notification_preferences: NotificationPreferences = NotificationPreferences()
    created_at: AwareDatetime


class UserChange(Record):
    """What a client may say about its account; absent means unchanged, null takes away what may be absent."""

    name: Text | None = None
    company: Text | None = None
    default_style: str | None = Field(default=None, max_length=100)
    notification_preferences: NotificationPreferences = NotificationPreferences()


class KeyState(StrEnum):
    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def is_alive(self) -> bool:
        return self in (KeyState.ACTIVE, KeyState.EXPIRING)


class ApiKey(Record):
    """A key as its owner sees it later: never with its secret. `lookup` is where its holder is found.

    `ends_at` is set once another key replaces it: it holds until then.
    """

    id: str
    prefix: str
    lookup: str = Field(repr=False)
    name: str | None = None
    created_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None

    def state(self, now: AwareDatetime) -> KeyState:
        if self.revoked_at is not None:
            return KeyState.REVOKED
        if self.ends_at is None:
            return KeyState.ACTIVE
        return KeyState.EXPIRING if now < self.ends_at else KeyState.EXPIRED


class IssuedKey(Record):
    """A key with its whole text, which is shown this once."""

    key: ApiKey
    text: str = Field(repr=False)


class Holder(Record):
    """Whom a key names: what one read finds. `seen_at` is when the key was last noted as used."""

    tenant: str
    actor: str
    key_id: str
    digest: str = Field(repr=False)
    plan: str
    ends_at: AwareDatetime | None = None
    seen_at: AwareDatetime


class Account(Record):
    """A user with all keys that are still remembered, oldest first. `version` grows with every change but use."""

    user: User
    keys: tuple[ApiKey, ...]
    version: int
    last_active: AwareDatetime

    def key(self, key_id: str) -> ApiKey | None:
        return next((key for key in self.keys if key.id == key_id), None)


class Family(Record):
    """The refresh tokens that follow from one another: only the newest, of `generation`, may be used, and once.

    `used_digest` and `used_at` are of the one before it.
    """

    id: str
    tenant: str
    key_id: str
    generation: int = Field(ge=1)
    digest: str = Field(repr=False)
    revoked: bool = False
    ends_at: AwareDatetime
    used_digest: str | None = Field(default=None, repr=False)
    used_at: AwareDatetime | None = None


class RefreshToken(Record):
    """What a refresh token says once its seal is known to be ours."""

    tenant: str
    family: str
    generation: int
    nonce: str


class Tokens(Record):
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)
    expires_in: int
