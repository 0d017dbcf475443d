"""Take a slot, wait in the queue, pass a slot on. Every call may be repeated, and may die at any of its steps.

What a step leaves undone is found again: by the same event when it comes again, by the next job that ends, or by the
sweep, which compares the holders with their jobs.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from vitrine.jobs.fair_queue import rules, store
from vitrine.jobs.fair_queue.models import Holder, Place
from vitrine.jobs.models import Job

_TRIES = 8

holders = store.holders
is_idle = rules.is_idle
waiting = store.waiting


def take(job: Job, limit: int, now: datetime) -> tuple[Holder, ...]:
    """Who got a slot by this call: the job, if one is free; else it waits in the queue. Idempotency key: the job's id.

    At most `limit` jobs hold a slot, exactly. One round trip while most slots are free. A job that is no longer
    queued gets none.
    """
    try:
        holder = _take_any(job, limit, now)
        return (holder,) if holder else _wait_in_queue(job, limit, now)
    except store.HasPlace:
        member = store.find(job.tenant, job.id)
        return (member,) if isinstance(member, Holder) else ()
    except store.NotQueued:
        return ()


def end(tenant: str, job_id: str, limit: int, now: datetime) -> tuple[Holder, ...]:
    """The job is over: its slot goes to the next in the queue, who is answered. Idempotency key: the job's id."""
    member = store.find(tenant, job_id)
    if isinstance(member, Place):
        with suppress(store.LeftQueue):
            store.leave_queue(member)
            return ()
        member = store.find(tenant, job_id)
    return pass_on_slot(member, limit, now) if isinstance(member, Holder) else ()


def pass_on_slot(holder: Holder, limit: int, now: datetime) -> tuple[Holder, ...]:
    """Take a slot from its holder and give it to the next in the queue, in one step: no newcomer comes between."""
    with suppress(store.NotHeld):
        if holder.slot < limit:
            given = _to_the_next(lambda place: store.pass_on(holder, place, now))
            if given is not None:
                return (given,)
        store.free(holder)
        # Somebody may have come after the look at the queue, and looked for a slot before this one was free.
        return tuple(fill_free_slots(limit, now))
    return ()


def fill_free_slots(limit: int, now: datetime) -> Iterator[Holder]:
    """Give the free slots to the jobs that wait."""
    while store.head() is not None:
        slots = _free(store.holders(), limit)
        if not slots:
            return
        with suppress(store.SlotTaken):
            given = _to_the_next(lambda place, slot=slots[0]: store.give(place, slot, now))  # type: ignore[misc]
            if given is not None:
                yield given


def _take_any(job: Job, limit: int, now: datetime) -> Holder | None:
    """A slot, unless others wait for one. Which are free is looked up only when the first look met a holder."""
    slot = rules.first_slot(job.id, limit)
    for _ in range(_TRIES):
        with suppress(store.SlotTaken):
            return store.take(job, slot, now)
        others = [] if store.head() else _free(store.holders(consistent=False), limit)
        if not others:
            return None
        slot = random.choice(others)  # noqa: S311 - chance spreads, it keeps no secret
    return None


def _wait_in_queue(job: Job, limit: int, now: datetime) -> tuple[Holder, ...]:
    tag = store.next_tag(job.tenant, store.virtual_time(), now)
    store.wait_in_queue(job, tag, now)
    # A slot that became free meanwhile was offered to a queue that this job was not in yet. Who finds somebody
    # before it need not look: that one did, or whoever ends sees it.
    head = store.head()
    return tuple(fill_free_slots(limit, now)) if head and head.job_id == job.id else ()


def _to_the_next(give: Callable[[Place], Holder]) -> Holder | None:
    """Give something to the first in the queue; None when nobody waits. Jobs that are over are taken out."""
    while (place := store.head()) is not None:
        try:
            given = give(place)
        except store.NotQueued:
            with suppress(store.LeftQueue):
                store.leave_queue(place)
        except store.LeftQueue:
            continue
        else:
            store.advance(place.tag)
            return given
    return None


def _free(taken: Iterable[Holder], limit: int) -> list[int]:
    return rules.free({holder.slot for holder in taken}, limit)
