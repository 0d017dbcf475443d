"""The credits of an account: what there is, and how it came to be."""

from pydantic import AwareDatetime, BaseModel

from functions.realstaging_api.surface import SURFACE
from vitrine.billing import service
from vitrine.billing.models import Balances, Entry, EntryKind, LedgerAccount
from vitrine.kernel.http import Api, Caller
from vitrine.kernel.http.paging import DEFAULT_LIMIT, Page, PageCursor, PageLimit, Pages

api = Api(SURFACE)
handler = api.handler

_pages = Pages()


class CreditsView(BaseModel):
    """`available` can be used, `held` belongs to images that are not over, and `spent` to images that are ready.

    Together they are what was ever `granted`. `available` is below zero after a payment for used credits went back.
    """

    granted: int
    available: int
    held: int
    spent: int

    @classmethod
    def of(cls, balances: Balances) -> "CreditsView":
        return cls(**balances.model_dump())


class CreditEntryView(BaseModel):
    """One movement of `credits`; `available_change` is what it did to those that can be used.

    | type | from | to |
    |---|---|---|
    | `grant` | us | available |
    | `reserve` | available | held, when an image is queued |
    | `settle` | held | spent, when it is ready |
    | `refund` | held | available, when it failed or was cancelled |
    | `revoke` | available | us, when a payment went back |

    `image_id` is the image that it is about, or null.
    """

    id: str
    type: EntryKind
    credits: int
    available_change: int
    image_id: str | None
    created_at: AwareDatetime

    @classmethod
    def of(cls, entry: Entry) -> "CreditEntryView":
        about = entry.key.partition("#")[2]
        return cls(
            id=entry.key,
            type=entry.kind,
            credits=entry.amount,
            available_change=sum(leg.amount for leg in entry.legs if leg.account is LedgerAccount.AVAILABLE),
            image_id=about if about.startswith("img_") else None,
            created_at=entry.at,
        )


class CreditHistory(Page[CreditEntryView]):
    """The newest movements first; `next_cursor` continues the list, and is null at its end."""


@api.get("/api/v1/credits", summary="Read your balance of credits", tags=["credits"], round_trips=2)
def get_credits(caller: Caller) -> CreditsView:
    return CreditsView.of(service.account(caller.tenant).balances)


@api.get(
    "/api/v1/credits/history",
    summary="List the movements of your credits",
    description="The newest first. A movement shows within a second.",
    tags=["credits"],
    round_trips=2,
)
def list_history(caller: Caller, limit: PageLimit = DEFAULT_LIMIT, cursor: PageCursor = None) -> CreditHistory:
    entries, next_cursor = _pages.read(
        f"credits#{caller.tenant}", cursor, lambda after: service.history(caller.tenant, limit, after)
    )
    return CreditHistory(items=[CreditEntryView.of(entry) for entry in entries], next_cursor=next_cursor)
