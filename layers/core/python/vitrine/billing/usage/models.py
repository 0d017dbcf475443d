from enum import StrEnum

from pydantic import AwareDatetime, Field

from vitrine.kernel.record import Record


class Span(StrEnum):
    """A window of the calendar, in UTC."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class UsagePlan(Record):
    """What a plan allows: staging requests an hour, a batch being one of them, and photos a day and a month."""

    name: str
    requests_per_hour: int
    photos_per_day: int
    photos_per_month: int

    def most(self, span: Span) -> int:
        return {
            Span.HOUR: self.requests_per_hour,
            Span.DAY: self.photos_per_day,
            Span.MONTH: self.photos_per_month,
        }[span]


class Counts(Record):
    """What counts in the windows of one moment, work under way included. `completed` of the month is staged by now."""

    hour: int = Field(default=0, ge=0)
    day: int = Field(default=0, ge=0)
    month: int = Field(default=0, ge=0)
    completed: int = Field(default=0, ge=0)

    def of(self, span: Span) -> int:
        return int(getattr(self, span.value))


class Usage(Record):
    """An account's counts, the plan they are held against, and when the month begins anew."""

    plan: UsagePlan
    counts: Counts
    resets_at: AwareDatetime


class Request(Record):
    """A batch as one request: once all of its `photos` have failed, the hour gets it back."""

    photos: int
    failed: int
