"""Tokens for callers at scale: an API key is changed for an access token, so that keys stay where they are safe."""

from typing import Literal

from pydantic import BaseModel, Field

from functions.stagecraft_api.surface import SURFACE
from vitrine.identity.accounts import service
from vitrine.identity.accounts.models import Tokens
from vitrine.kernel.errors import Forbidden
from vitrine.kernel.http import Allow, Api, Caller, Now, Repeat

api = Api(SURFACE)
handler = api.handler


class TokenPair(BaseModel):
    """`expires_in` is in seconds (RFC 6749 section 5.1). The refresh token works once, within 30 days;
    sent again within 10 seconds, should its answer have been lost, it gives the same refresh token again."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int

    @classmethod
    def of(cls, tokens: Tokens) -> "TokenPair":
        return cls(**tokens.model_dump())


class RefreshRequest(BaseModel):
    refresh_token: str = Field(max_length=500)


@api.post(
    "/api/auth/token",
    summary="Exchange an API key for tokens",
    tags=["auth"],
    # What it answers is secret, so it is never kept for a repeated request.
    repeat=Repeat.RUN_AGAIN,
    round_trips=3,
)
def issue_tokens(caller: Caller) -> TokenPair:
    if service.TOKENS not in caller.principal.scopes:
        raise Forbidden("Send an API key: a token cannot be exchanged for tokens.", code="api_key_required")
    return TokenPair.of(service.issue_tokens(caller))


@api.post(
    "/api/auth/refresh",
    summary="Change a refresh token for new tokens",
    description="Works once for each refresh token. Sent again within 10 seconds, should the answer have been lost, it "
    "gives the same refresh token again, until that one is used. Sent again later, it ends all tokens that followed "
    "from the same exchange.",
    tags=["auth"],
    allow=Allow.PUBLIC,
    round_trips=3,
    errors=(401,),
)
def refresh(body: RefreshRequest, now: Now) -> TokenPair:
    return TokenPair.of(service.refresh(body.refresh_token, now))
