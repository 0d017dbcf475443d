"""What invoices bring in credits, by what was paid for which period.

| a line of a paid invoice                  | brings                                                                  |
|-------------------------------------------|-------------------------------------------------------------------------|
| a whole period                            | the plan's credits for the price's months, times the quantity           |
| a proration                               | the same, by the share of the period that it covers                     |
| with a negative amount: unused time       | the same, taken away                                                    |
| over nothing, or with a coupon for all    | nothing; a trial what its plan names, once an account                   |

A coupon for a part makes a period cheaper, not shorter: it brings all credits. Money that goes back (a refund, a
dispute until it is won) takes back its share of what its invoice brought, at most all of it.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from vitrine.billing import plans
from vitrine.billing.models import Bought, InvoiceLine, MoneyBack, PaidInvoice, StripeProfile


def price(profile: StripeProfile) -> tuple[StripeProfile, dict[str, int]]:
    """The credits that move by now, by what for (`invoice#in_1`, `trial#starter`), and the profile with them booked.

    An invoice is priced once all its lines are in a plan, and stays so when plans change.
    """
    worth = {id_: _worth(profile, invoice) for id_, invoice in profile.unpriced.items()}
    bought = {**profile.bought, **{id_: found for id_, found in worth.items() if found is not None}}
    trials = tuple(sorted({*profile.trials, *_trials(profile, worth)}))
    booked = {id_: each.model_copy(update={"booked": _due(profile, id_, each)}) for id_, each in bought.items()}
    moved = {f"invoice#{id_}": booked[id_].booked - each.booked for id_, each in bought.items()}
    moved |= {f"trial#{name}": _trial_credits(name) for name in trials if name not in profile.trials}
    left = {id_: invoice for id_, invoice in profile.unpriced.items() if worth[id_] is None}
    changed = profile.model_copy(update={"unpriced": left, "bought": dict(sorted(booked.items())), "trials": trials})
    return changed, {reason: amount for reason, amount in moved.items() if amount}


def invoice_of(profile: StripeProfile, money: MoneyBack) -> str | None:
    """The invoice that was paid with the money that went back, None while nobody has told which."""
    return profile.invoices.get(money.charge or "") or profile.invoices.get(money.intent or "")


def lookup_key(profile: StripeProfile, line: InvoiceLine) -> str | None:
    return line.lookup_key or profile.prices.get(line.price or "")


def _worth(profile: StripeProfile, invoice: PaidInvoice) -> Bought | None:
    shares = [_credits(profile, line) for line in invoice.lines]
    known = [share for share in shares if share is not None]
    if len(known) < len(shares):
        return None
    amount = round(sum(known, Fraction(0)))
    # A deduction that is no line of a subscription may have left nothing to pay.
    for_nothing = invoice.total <= 0 and not any(line.net < 0 for line in invoice.lines)
    return Bought(total=invoice.total, credits=min(amount, 0) if for_nothing else amount)


def _credits(profile: StripeProfile, line: InvoiceLine) -> Fraction | None:
    found = plans.price_of(lookup_key(profile, line))
    if found is None:
        return None
    plan, paid_by = found
    share = _share(line, paid_by.months) if line.proration else Fraction(1)
    whole = plan.monthly_credits * paid_by.months * line.quantity * share
    return whole * ((line.net > 0) - (line.net < 0))


def _share(line: InvoiceLine, months: int) -> Fraction:
    """How much of its period a proration covers. The period ends with it, and began so many months before."""
    if line.start is None or line.end is None or line.end <= line.start:
        return Fraction(0)
    whole = line.end - _months_before(line.end, months)
    return min(Fraction(1), Fraction(int((line.end - line.start).total_seconds()), int(whole.total_seconds())))


def _months_before(moment: datetime, months: int) -> datetime:
    count = moment.year * 12 + moment.month - 1 - months
    year, month = count // 12, count % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _trials(profile: StripeProfile, worth: dict[str, Bought | None]) -> Iterable[str]:
    """Plans whose trial is billed, over nothing, by an invoice that is priced."""
    lines = (line for id_ in worth if worth[id_] for line in profile.unpriced[id_].lines)
    begun = (plans.plan_of(lookup_key(profile, line)) for line in lines if not line.amount and not line.proration)
    return (plan.name for plan in begun if plan and plan.trial_credits)


def _trial_credits(name: str) -> int:
    return next(plan.trial_credits for plan in plans.PLANS if plan.name == name)


def _due(profile: StripeProfile, invoice: str, bought: Bought) -> int:
    """What of an invoice's credits stays, by what of its money did."""
    if bought.credits <= 0 or bought.total <= 0:
        return bought.credits
    kept = Fraction(max(0, bought.total - _returned(profile, invoice)), bought.total)
    return round(bought.credits * kept)


def _returned(profile: StripeProfile, invoice: str) -> int:
    refunds = [_refunded(profile, each) for each in profile.refunds.values() if invoice_of(profile, each) == invoice]
    disputes = [each.amount for each in profile.disputes.values() if invoice_of(profile, each) == invoice]
    return sum(refunds) + sum(disputes)


def _refunded(profile: StripeProfile, refunds: MoneyBack) -> int:
    """The sum of a charge's refunds, less those that failed after it was told."""
    failed = (
        each.amount
        for each in profile.failed_refunds.values()
        if each.charge == refunds.charge and each.as_of > refunds.as_of
    )
    return max(0, refunds.amount - sum(failed))
