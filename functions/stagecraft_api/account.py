"""The caller's own account: plan, usage, preferences, and keys."""

from datetime import datetime, timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import AwareDatetime, BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from functions.stagecraft_api.surface import SURFACE
from vitrine.billing.usage import service as usage
from vitrine.billing.usage.models import Usage
from vitrine.identity.accounts import service as accounts
from vitrine.identity.accounts.models import Account, ApiKey, KeyState, NotificationPreferences, Text, User, UserChange
from vitrine.kernel.call import Call
from vitrine.kernel.environment import MailSender
from vitrine.kernel.http import Api, Caller, Repeat
from vitrine.kernel.record import WHOLE
from vitrine.staging import listings, styles

api = Api(SURFACE)
handler = api.handler

_sender = MailSender.load()
RECENT = 10
_ONE = ("GET", "DELETE")


class UsageView(BaseModel):
    """`stagings_in_progress` count against the limit until they fail, when they are given back."""

    stagings_completed: int
    stagings_in_progress: int
    limit: int
    reset_date: AwareDatetime


class WindowView(BaseModel):
    used: int
    limit: int


class RecentStagingView(BaseModel):
    id: str
    created_at: AwareDatetime
    property_name: str | None


class KeyView(BaseModel):
    """An API key without its secret: `prefix` is what the key begins with. It holds until `ends_at`, if that is set."""

    key_id: str
    prefix: str
    name: str | None
    status: KeyState
    created_at: AwareDatetime
    ends_at: AwareDatetime | None
    revoked_at: AwareDatetime | None

    @classmethod
    def of(cls, key: ApiKey, now: datetime) -> "KeyView":
        return cls(
            key_id=key.id,
            prefix=key.prefix,
            name=key.name,
            status=key.state(now),
            created_at=key.created_at,
            ends_at=key.ends_at,
            revoked_at=key.revoked_at,
        )


class NewKeyView(KeyView):
    """`api_key` is the whole key. It is shown this once."""

    api_key: str


class UserView(BaseModel):
    """`email_available` says whether mail is sent here at all: where it is not, preferences are kept and do nothing.

    Mail goes to `email` alone, which is set with the account.
    """

    user_id: str
    email: str
    name: str | None
    company: str | None
    plan: str
    default_style: str | None
    notification_preferences: NotificationPreferences
    email_available: bool
    created_at: AwareDatetime

    @classmethod
    def of(cls, user: User) -> "UserView":
        available = _sender.mail_sender is not None
        return cls(user_id=user.id, email_available=available, **user.model_dump(exclude={"id", "tenant"}))


class AccountView(UserView):
    """Limits belong to the account, however many keys it has. Hours and days are those of the clock in UTC."""

    usage_this_month: UsageView
    requests_this_hour: WindowView
    stagings_today: WindowView
    recent_stagings: list[RecentStagingView]
    api_keys: list[KeyView]
    last_active: AwareDatetime


class AccountChange(UserChange):
    """What to change; absent means unchanged, and null takes a name, company or style away."""

    default_style: str | None = Field(
        default=None, json_schema_extra={"enum": [*(style.id for style in styles.offered()), None]}
    )

    @field_validator("default_style")
    @classmethod
    def _known(cls, style: str | None) -> str | None:
        """The id of the style that is meant."""
        found = None if style is None else styles.find(style)
        if style is not None and found is None:
            raise PydanticCustomError("unknown_style", "{advice}", {"advice": styles.ADVICE})
        return found.id if found else None


class NewKey(BaseModel):
    """`rotates` is the id of a key that the new one replaces: that one holds for `overlap_hours` still."""

    name: Text | None = None
    rotates: str | None = Field(default=None, max_length=100)
    overlap_hours: Annotated[int, Field(strict=True, ge=0, le=168), WHOLE] = 24


@api.get("/api/account", summary="Read your account", tags=["account"], round_trips=4)
def get_account(caller: Caller) -> AccountView:
    return _view(caller, accounts.find(caller.tenant))


@api.patch("/api/account", summary="Change your name, company or preferences", tags=["account"], round_trips=4)
def change_account(body: AccountChange, caller: Caller) -> UserView:
    return UserView.of(accounts.change(caller, body))


@api.post(
    "/api/account/keys",
    status_code=201,
    summary="Make an API key",
    tags=["account"],
    # The answer is shown once and kept nowhere, not even for a repeated request: that makes it again.
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
    leads_to={f"{method} /api/account/keys/{{key_id}}": {"key_id": "$response.body#/key_id"} for method in _ONE},
)
def create_key(body: Annotated[NewKey, Body()], caller: Caller) -> NewKeyView:
    issued = accounts.issue_key(caller, body.name, body.rotates, timedelta(hours=body.overlap_hours))
    return NewKeyView(**KeyView.of(issued.key, caller.now).model_dump(), api_key=issued.text)


@api.get("/api/account/keys/{key_id}", summary="Read an API key", tags=["account"], round_trips=2)
def get_key(key_id: str, caller: Caller) -> KeyView:
    return KeyView.of(accounts.find_key(caller.tenant, key_id), caller.now)


@api.delete(
    "/api/account/keys/{key_id}",
    status_code=204,
    summary="Revoke an API key",
    description="From now on the key and its refresh tokens are refused; access tokens live out their 15 minutes.",
    tags=["account"],
    round_trips=3,
)
def revoke_key(key_id: str, caller: Caller) -> None:
    accounts.revoke_key(caller, key_id)


def _view(caller: Call, account: Account) -> AccountView:
    user = account.user
    used = usage.of(user.tenant, user.plan, caller.now)
    return AccountView(
        **UserView.of(user).model_dump(),
        usage_this_month=_of_month(used),
        requests_this_hour=WindowView(used=used.counts.hour, limit=used.plan.requests_per_hour),
        stagings_today=WindowView(used=used.counts.day, limit=used.plan.photos_per_day),
        recent_stagings=[RecentStagingView(**found.model_dump()) for found in listings.recent(user.tenant, RECENT)],
        api_keys=[KeyView.of(key, caller.now) for key in account.keys],
        last_active=account.last_active,
    )


def _of_month(used: Usage) -> UsageView:
    return UsageView(
        stagings_completed=used.counts.completed,
        stagings_in_progress=max(0, used.counts.month - used.counts.completed),
        limit=used.plan.photos_per_month,
        reset_date=used.resets_at,
    )
