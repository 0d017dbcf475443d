"""Taking turns, standing in line, handing on. Every call may be repeated, and may die at any of its steps.

What a step leaves undone is found again: by the same event when it comes again, by the next job that ends, or by the
sweep, which compares the holders with their jobs.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from vitrine.jobs.models import Job
from vitrine.jobs.turns import rules, store
from vitrine.jobs.turns.models import Holder, Place

_TRIES = 8

holders = store.holders
is_idle = rules.is_idle
line = store.line


def take(job: Job, limit: int, now: datetime) -> tuple[Holder, ...]:
    """Whose turn it is by now: the job's, if a slot is free, else it stands in line. Key: the job's id.

    At most `limit` jobs have their turn, exactly. One round trip while most slots are free. A job that is no longer
    queued gets none.
    """
    try:
        holder = _take_any(job, limit, now)
        return (holder,) if holder else _stand_in_line(job, limit, now)
    except store.HasTurn:
        turn = store.find(job.tenant, job.id)
        return (turn,) if isinstance(turn, Holder) else ()
    except store.NotQueued:
        return ()


def end(tenant: str, job_id: str, limit: int, now: datetime) -> tuple[Holder, ...]:
    """The job is over: its slot goes to whoever comes next, whose turn it is then. Key: the job's id."""
    turn = store.find(tenant, job_id)
    if isinstance(turn, Place):
        with suppress(store.LeftLine):
            store.leave_line(turn)
            return ()
        turn = store.find(tenant, job_id)
    return hand_over(turn, limit, now) if isinstance(turn, Holder) else ()


def hand_over(holder: Holder, limit: int, now: datetime) -> tuple[Holder, ...]:
    """Take a slot from its holder and give it to the next in line, in one step: no newcomer comes between."""
    with suppress(store.NotHeld):
        if holder.slot < limit:
            given = _to_the_next(lambda place: store.pass_on(holder, place, now))
            if given is not None:
                return (given,)
        store.free(holder)
        # Somebody may have come after the look at the line, and looked for a slot before this one was free.
        return tuple(hand_on(limit, now))
    return ()


def hand_on(limit: int, now: datetime) -> Iterator[Holder]:
    """Give the free slots to those in line."""
    while store.head() is not None:
        slots = _free(store.holders(), limit)
        if not slots:
            return
        with suppress(store.SlotTaken):
            given = _to_the_next(lambda place, slot=slots[0]: store.give(place, slot, now))  # type: ignore[misc]
            if given is not None:
                yield given


def _take_any(job: Job, limit: int, now: datetime) -> Holder | None:
    """A slot, unless others are in line for one. Which are free is looked up only when the first look met a holder."""
    slot = rules.first_slot(job.id, limit)
    for _ in range(_TRIES):
        with suppress(store.SlotTaken):
            return store.take(job, slot, now)
        others = [] if store.head() else _free(store.holders(consistent=False), limit)
        if not others:
            return None
        slot = random.choice(others)  # noqa: S311 - chance spreads, it keeps no secret
    return None


def _stand_in_line(job: Job, limit: int, now: datetime) -> tuple[Holder, ...]:
    tag = store.next_tag(job.tenant, store.virtual_time(), now)
    store.stand_in_line(job, tag, now)
    # A slot that became free meanwhile was offered to a line that this job did not stand in yet. Who finds somebody
    # before it need not look: that one did, or whoever ends sees it.
    head = store.head()
    return tuple(hand_on(limit, now)) if head and head.job_id == job.id else ()


def _to_the_next(give: Callable[[Place], Holder]) -> Holder | None:
    """Give something to the head of the line; None when nobody waits for it. Those who are over are sent away."""
    while (place := store.head()) is not None:
        try:
            given = give(place)
        except store.NotQueued:
            with suppress(store.LeftLine):
                store.leave_line(place)
        except store.LeftLine:
            continue
        else:
            store.advance(place.tag)
            return given
    return None


def _free(taken: Iterable[Holder], limit: int) -> list[int]:
    return rules.free({holder.slot for holder in taken}, limit)
