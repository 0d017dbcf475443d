"""What ended, counted for health: of the kinds that take a slot, since those wait for the engine."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from vitrine.jobs.models import JobEvent, JobEventType
from vitrine.kernel import operations
from vitrine.kernel.health import Tally
from vitrine.work.kinds import Kind, Kinds


def of(event: JobEvent, kinds: Kinds) -> Tally:
    """What a job's event adds to the numbers; cancelled jobs, and kinds that nobody declared, count nowhere."""
    kind = kinds.find(event.kind)
    return Tally() if kind is None or not kind.takes_slot else _of(event, kind)


def _of(event: JobEvent, kind: Kind) -> Tally:
    if event.type is JobEventType.COMPLETED:
        return Tally(completed=1, processing_ms=round(_processing(event).total_seconds() * 1000))
    if event.type is JobEventType.FAILED and event.error is not None:
        return Tally(failed=1) if event.error.code in kind.failures.ours else Tally(refused=1)
    return Tally()


def count(events: Iterable[JobEvent], kinds: Kinds) -> None:
    """Add events to what ended in their minutes; one write for each five minutes that they fall into."""
    sums = defaultdict[datetime, Tally](Tally)
    for event in events:
        sums[event.at.replace(minute=event.at.minute // 5 * 5, second=0, microsecond=0)] += of(event, kinds)
    for at, ended in sums.items():
        operations.count(at, ended)


def _processing(event: JobEvent) -> timedelta:
    return event.at - (event.started_at or event.queued_at)
