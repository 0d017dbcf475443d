"""Money that comes and goes back, at the stores: by events that name their customer and by those that do not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.stores.stripe import account, subscriber
from tests.support.clock import NOW
from tests.support.stripe_events import Subscriber
from tests.support.stripe_money import (
    STARTER,
    charge,
    dispute,
    event,
    invoice,
    invoice_payment,
    line,
)
from vitrine.billing import service
from vitrine.billing.stripe import service as stripe
from vitrine.billing.stripe import store as events
from vitrine.billing.stripe.models import Envelope, EventState
from vitrine.kernel import tables
from vitrine.kernel.errors import PaymentRequired

OPENING = 10


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    service.forget_provisioned()
    yield
    service.forget_provisioned()


class Payer:
    """A subscriber with a customer, an invoice and a payment of their own."""

    def __init__(self) -> None:
        self.who: Subscriber = subscriber()
        month = line(STARTER, 2900, NOW, NOW + timedelta(days=30))
        mark = self.who.mark
        self.ids = {"customer": f"cus_{mark}"}
        self.paid = self._event(1, "invoice.paid", {**invoice(1, month, tenant=self.who.tenant), **self.ids})
        self.named = self._event(2, "invoice_payment.paid", invoice_payment(1))
        self.refunded = self._event(3, "charge.refunded", {**charge(1, 1450), **self.ids})
        self.disputed = self._event(4, "charge.dispute.created", dispute(1, 1450, "needs_response"))

    def _event(self, number: int, kind: str, thing: dict[str, object]) -> Envelope:
        told = event(number, kind, thing, NOW + timedelta(seconds=number))
        return Envelope.model_validate_json(told.model_dump_json().replace("_1", f"_{self.who.mark}"))

    def tell(self, *told: Envelope) -> list[EventState]:
        return [stripe.receive(each, NOW) for each in told]

    @property
    def credits(self) -> int:
        return account(self.who).balances.available - OPENING


def test_a_dispute_names_no_customer_and_finds_it_by_the_payment() -> None:
    payer = Payer()
    assert payer.tell(payer.paid, payer.named) == [EventState.APPLIED] * 2
    assert payer.credits == 50
    before = tables.round_trips()
    assert payer.tell(payer.disputed) == [EventState.APPLIED]
    assert tables.round_trips() - before == 4
    assert payer.credits == 25


def test_what_nobody_can_place_yet_waits_and_is_applied_once() -> None:
    payer = Payer()
    assert payer.tell(payer.disputed, payer.named) == [EventState.PARKED] * 2
    assert payer.tell(payer.paid) == [EventState.APPLIED]
    # The dispute waits at the payment, which the payment of the invoice named; that waited at the invoice.
    payer.tell(payer.named, payer.disputed, payer.disputed, payer.paid)
    assert payer.credits == 25
    states = [events.record(each, EventState.RECEIVED, NOW) for each in (payer.paid, payer.named, payer.disputed)]
    assert states == [EventState.APPLIED] * 3


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.permutations(range(4)), some.lists(some.integers(0, 3), max_size=4))
def test_any_order_and_any_repeats_leave_the_credits_that_were_paid_for(order: list[int], repeated: list[int]) -> None:
    payer = Payer()
    all_ = (payer.paid, payer.named, payer.refunded, payer.disputed)
    payer.tell(*(all_[at] for at in (*order, *repeated)))
    assert payer.credits == 0
    assert account(payer.who).stripe.bought[f"in_{payer.who.mark}"].booked == 0


def test_credits_that_are_spent_are_owed_after_a_refund_and_nothing_is_staged_meanwhile() -> None:
    payer = Payer()
    payer.tell(payer.paid, payer.named)
    tables.commit(*service.reserving(payer.who.tenant, "img_1", 45, NOW))
    payer.tell(payer.refunded, payer.disputed)
    assert account(payer.who).balances.available == OPENING + 50 - 45 - 50
    with pytest.raises(PaymentRequired):
        tables.commit(*service.reserving(payer.who.tenant, "img_2", 1, NOW))
