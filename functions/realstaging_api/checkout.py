"""Where a customer pays: Stripe's pages for subscribing, and for managing a subscription."""

from typing import Annotated

from pydantic import BaseModel, Field

from functions.realstaging_api.surface import SURFACE
from vitrine.billing.stripe import checkout
from vitrine.kernel import secrets
from vitrine.kernel.environment import StripeApi, StripeKey
from vitrine.kernel.http import Api, Caller, Repeat

api = Api(SURFACE)
handler = api.handler
_KEY, _API = StripeKey.load(), StripeApi.load()

# Where the browser goes next: https, or a page under development on this machine.
PageUrl = Annotated[
    str,
    Field(
        max_length=2000, pattern=r"^(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?(/[!-~]*)?$"
    ),
]


class CheckoutRequest(BaseModel):
    """The page sends the browser to `success_url` after the payment, and to `cancel_url` when it was broken off."""

    plan: checkout.PaidPlan
    interval: checkout.Interval = checkout.Interval.MONTH
    success_url: PageUrl
    cancel_url: PageUrl


class PortalRequest(BaseModel):
    return_url: PageUrl


class PageView(BaseModel):
    """A page of Stripe's, made for this customer: send the browser there soon."""

    url: str


@api.post(
    "/api/v1/billing/checkout",
    summary="Get a page on which to subscribe",
    tags=["billing"],
    repeat=Repeat.RUN_AGAIN,
    round_trips=3,
)
def start_checkout(body: CheckoutRequest, caller: Caller) -> PageView:
    urls = body.model_dump(include={"success_url", "cancel_url"})
    return PageView(url=checkout.subscribe(caller, body.plan, body.interval, urls, _client()))


@api.post(
    "/api/v1/billing/portal",
    summary="Get a page on which to manage your subscription",
    tags=["billing"],
    repeat=Repeat.RUN_AGAIN,
    round_trips=3,
)
def open_portal(body: PortalRequest, caller: Caller) -> PageView:
    return PageView(url=checkout.manage(caller, body.return_url, _client()))


def _client() -> checkout.Client:
    return checkout.client(secrets.value(_KEY.stripe_api_key_secret_arn), _API.stripe_api_base)
