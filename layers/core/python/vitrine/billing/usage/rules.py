"""Plans as data, and the windows that they are counted in.

Each limit belongs to the account, so a second key does not double it. Windows are those of the calendar in UTC: an hour
begins at minute 0, a month on its first day.
"""

from datetime import datetime, timedelta

from vitrine.billing.usage.models import Counts, Span, UsagePlan
from vitrine.kernel.clock import timestamp
from vitrine.kernel.errors import FieldError, Invalid, TooManyRequests
from vitrine.kernel.limits import LimitStatus
from vitrine.kernel.surface import Limit

TRIAL = UsagePlan(name="trial", requests_per_hour=10, photos_per_day=100, photos_per_month=25)
PROFESSIONAL = UsagePlan(name="professional", requests_per_hour=10, photos_per_day=100, photos_per_month=100)
# Wide enough by the hour and the day for a batch of 500 photos to be taken at once.
ENTERPRISE = UsagePlan(name="enterprise", requests_per_hour=100, photos_per_day=1_000, photos_per_month=5_000)
PLANS = {plan.name: plan for plan in (TRIAL, PROFESSIONAL, ENTERPRISE)}

_CODES = {
    Span.HOUR: "rate_limit_exceeded",
    Span.DAY: "rate_limit_exceeded",
    Span.MONTH: "usage_limit_exceeded",
}
_COUNTED = {Span.HOUR: "staging requests an hour", Span.DAY: "photos a day", Span.MONTH: "photos a month"}


def begins_at(span: Span, now: datetime) -> datetime:
    hour = now.replace(minute=0, second=0, microsecond=0)
    if span is Span.HOUR:
        return hour
    return hour.replace(hour=0) if span is Span.DAY else hour.replace(hour=0, day=1)


def resets_at(span: Span, now: datetime) -> datetime:
    """When the window that holds `now` is over."""
    begin = begins_at(span, now)
    if span is Span.HOUR:
        return begin + timedelta(hours=1)
    if span is Span.DAY:
        return begin + timedelta(days=1)
    # The 28th and four days more lie in the next month, however long this one is.
    return (begin.replace(day=28) + timedelta(days=4)).replace(day=1)


def is_current(span: Span, then: datetime, now: datetime) -> bool:
    """Whether both lie in the same window."""
    return begins_at(span, then) == begins_at(span, now)


def amounts(photos: int) -> dict[Span, int]:
    """What one request of so many photos counts for."""
    return {Span.HOUR: 1, Span.DAY: photos, Span.MONTH: photos}


def check_fits(plan: UsagePlan, photos: int) -> None:
    """Raises `Invalid` for more photos at once than the plan allows in a whole day or month: no wait would help."""
    for span in (Span.MONTH, Span.DAY):
        if photos > plan.most(span):
            advice = f"The plan {plan.name} allows {plan.most(span)} {_COUNTED[span]}, and these are {photos}."
            raise Invalid(advice, fields=(FieldError("body.images", "too_many", advice),), code="batch_exceeds_plan")


def refusal(plan: UsagePlan, counts: Counts, photos: int, now: datetime) -> TooManyRequests:
    """Why a request is refused: by the window that takes longest to begin anew, of those that have no room for it."""
    full = [span for span in Span if counts.of(span) + amounts(photos)[span] > plan.most(span)]
    # None of them when another request has given back what this one was refused for: the next hour has room at least.
    span = full[-1] if full else Span.HOUR
    reset = resets_at(span, now)
    most, left = plan.most(span), max(0, plan.most(span) - counts.of(span))
    wait_s = max(1, -int((now - reset).total_seconds() // 1))
    status = LimitStatus(Limit(span.value, most, int((reset - begins_at(span, now)).total_seconds())), left, wait_s)
    return TooManyRequests(
        f"The plan {plan.name} allows {most} {_COUNTED[span]}.",
        retry_after_s=wait_s,
        headers=status.headers,
        code=_CODES[span],
        details=f"{left} left; counts anew from {timestamp(reset)}",
    )
