"""A kind of work is a value. Contexts declare theirs in their own `kinds.py`, and `vitrine.kinds_of_work` lists all.

Pure: infra makes state machines' permissions and rules from the same list.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from vitrine.contracts.announcements import Announcement
from vitrine.jobs.models import Job, JobError, JobEvent, JobKind

Announce = Callable[[JobEvent, Job], Announcement | None]
"""What customers are told of an event of a job; None for what they do not hear of."""


class UnknownKind(LookupError):
    """Nobody has declared this kind of work, so it cannot be started or ended."""


@dataclass(frozen=True)
class Failures:
    """Why work of a kind ends in error, as its owner reads it.

    `failed` is what is said when nothing better is known, `too_late` past a deadline, `by_error` for the Step Functions
    error names that say more. The two about uploads are for kinds that wait for one. `also_ours` are further failures
    that no other input would have avoided: health counts those against us.
    """

    failed: JobError
    too_late: JobError
    by_error: Mapping[str, JobError] = field(default_factory=dict)
    upload_missing: JobError | None = None
    upload_rejected: JobError | None = None
    also_ours: tuple[JobError, ...] = ()

    def of(self, error: str) -> JobError:
        """What a Step Functions error name means to the job's owner. Its cause is for operators and stays inside."""
        return self.by_error.get(error, self.failed)

    @property
    def ours(self) -> frozenset[str]:
        """Codes of the failures that are on our side."""
        return frozenset(error.code for error in (self.failed, self.too_late, *self.by_error.values(), *self.also_ours))


@dataclass(frozen=True)
class Kind:
    """What starting, recovering and ending a kind of work need to know.

    `machine` is the name of its state machine, whose input is `{tenant, job_id, attempt}`. A kind that `takes_slot` is
    at work only while it holds one of the slots of the fair queue (`vitrine.jobs.fair_queue`). `most_credits` is the
    most that one job may hold. A queued job has `may_wait` until it is ended; from its start, `may_work`.
    `announce` makes what webhooks are sent of its events; without it they are sent nothing.
    """

    name: JobKind
    machine: str
    failures: Failures
    may_wait: timedelta
    may_work: timedelta
    waits_for_upload: bool = False
    takes_slot: bool = False
    most_credits: int = 0
    announce: Announce | None = None


class Kinds:
    """All kinds of work that there are."""

    def __init__(self, *kinds: Kind) -> None:
        self._by_name = {kind.name: kind for kind in kinds}
        if len(self._by_name) < len(kinds):
            raise ValueError("A kind of work is declared twice.")

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._by_name.values())

    def find(self, name: JobKind) -> Kind | None:
        """None for a kind that nobody has declared."""
        return self._by_name.get(name)

    def of(self, name: JobKind) -> Kind:
        """Raises `UnknownKind`."""
        kind = self.find(name)
        if kind is None:
            raise UnknownKind(f"Nobody has declared the kind of work {name}.")
        return kind

    @property
    def longest_at_work(self) -> timedelta:
        """Of the kinds that take a slot, the longest time that one may work."""
        return max((kind.may_work for kind in self if kind.takes_slot), default=timedelta())
