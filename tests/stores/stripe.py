"""What tests of Stripe's events share: subscribers, what Stripe tells of them, and their accounts."""

from itertools import count

from tests.support.builders import any_call
from tests.support.clock import NOW
from tests.support.stripe_events import Subscriber
from vitrine.billing import rules, service, store
from vitrine.billing.models import Balances, CreditAccount, SubscriptionState
from vitrine.billing.stripe import service as stripe
from vitrine.billing.stripe.models import EventState
from vitrine.billing.stripe.rules import subscription_state

BEGINNING = ("customer_subscription_created", "customer_subscription_updated", "invoice_paid")
marks = count(1)


def subscriber() -> Subscriber:
    """Somebody with an account and a customer of their own, of whom Stripe has told nothing yet."""
    call = any_call()
    service.provision(call)
    return Subscriber(call.tenant, f"{next(marks):04}")


def tell(who: Subscriber, *names: str) -> list[EventState]:
    return [stripe.receive(who.envelope(name), NOW) for name in names]


def account(who: Subscriber) -> CreditAccount:
    """The account, once it is shown that its balances are those of the ledger."""
    found = service.account(who.tenant)
    assert found.balances == rules.balances_of(store.entries(who.tenant))
    assert found.balances.are_even
    return found


def seen(who: Subscriber) -> SubscriptionState:
    return subscription_state(account(who).stripe)


def neutral(who: Subscriber) -> tuple[Balances, str]:
    """The account's money and what Stripe told, without what sets one subscriber apart from another."""
    found = account(who)
    return found.balances, found.stripe.model_dump_json().replace(who.mark, "SMPL").replace(who.tenant, "ten")
