"""Spans: an organisation's sessions in the order in which they were opened, cut into pieces of about 500. Pure.

How many of each status lie in each span is counted, for the organisation and for each site. A page at any depth is then
found by adding up whole spans, and within one span nobody has to pass by more than 500.

A session's span is the number of sessions there were, divided by 500. It is read before the session is written, so
sessions that come at once may share a span beyond its 500, and be a few milliseconds out of order: counts stay exact.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from vitrine.capture.listings.models import Place, Spans
from vitrine.capture.models import SessionStatus

SPAN = 500


def span_of(opened_before: int) -> int:
    """The span of a session, by how many the organisation had before."""
    return opened_before // SPAN


def added(many: Iterable[Spans]) -> dict[int, Counter[SessionStatus]]:
    """The spans of several sites together."""
    total: dict[int, Counter[SessionStatus]] = {}
    for spans in many:
        for span, counts in spans.items():
            total.setdefault(span, Counter()).update(counts)
    return total


def count_of(counts: Spans | None, status: SessionStatus | None) -> int:
    """All sessions, or those of a status."""
    return sum(_in_span(span, status) for span in (counts or {}).values())


def place_of(spans: Spans, status: SessionStatus | None, offset: int) -> Place | None:
    """Where the page at `offset` begins, counted from the newest; None behind the last one."""
    left = offset
    for span in sorted(spans, reverse=True):
        count = _in_span(spans[span], status)
        if left < count:
            return Place(span=span, skip=left)
        left -= count
    return None


def _in_span(counts: Mapping[SessionStatus, int], status: SessionStatus | None) -> int:
    return counts.get(status, 0) if status else sum(counts.values())
