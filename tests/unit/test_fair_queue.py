"""The order of turns, by simulation: rules alone, time in numbers."""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrine.jobs.fair_queue import rules

WORK_S = 20.0


@dataclass
class Simulation:
    """`slots` jobs at work at once, each for `WORK_S`; the rest in line by the rules."""

    slots: int
    fair: bool = True
    now: float = 0.0
    virtual: int = 0
    last: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    line: list[tuple[str, str]] = field(default_factory=list)
    at_work: list[tuple[float, str]] = field(default_factory=list)
    started: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)

    def run(self, arrivals: Sequence[tuple[float, str, str]]) -> "Simulation":
        """`arrivals` are (when, tenant, job), in order of time."""
        for when, tenant, job in arrivals:
            self._until(when)
            self.now = when
            self._arrive(tenant, job)
        self._until(float("inf"))
        return self

    def _arrive(self, tenant: str, job: str) -> None:
        if len(self.at_work) < self.slots:
            return self._start(job)
        tag = rules.next_tag(self.virtual, self.last[tenant])
        self.last[tenant] = tag
        heapq.heappush(self.line, (rules.order(tag if self.fair else 0, job), job))
        return None

    def _start(self, job: str) -> None:
        self.started[job] = self.now
        heapq.heappush(self.at_work, (self.now + WORK_S, job))

    def _until(self, when: float) -> None:
        while self.at_work and self.at_work[0][0] <= when:
            self.now, job = heapq.heappop(self.at_work)
            self.ended[job] = self.now
            if self.line:
                key, following = heapq.heappop(self.line)
                self.virtual = max(self.virtual, int(key.partition("#")[0]))
                self._start(following)


def ids(tenant: str, times: int, at: float) -> list[tuple[float, str, str]]:
    return [(at, tenant, f"stg_{at:09.3f}_{tenant}_{number:04}") for number in range(times)]


def busy(slots: int, *, fair: bool = True) -> tuple[Simulation, list[str]]:
    """One tenant's batch of 500, and while it is worked on, one photo of each of 20 others."""
    singles = [arrival for tenant in range(20) for arrival in ids(f"ten_{tenant:02}", 1, 30.0 + 17.0 * tenant)]
    simulated = Simulation(slots, fair=fair).run(sorted([*ids("ten_batch", 500, 0.0), *singles]))
    return simulated, [job for _, _, job in singles]


def waits(simulated: Simulation, jobs: list[str]) -> list[float]:
    return [simulated.started[job] - float(job.split("_")[1]) for job in jobs]


@pytest.mark.parametrize("slots", [2, 10, 100])
def test_a_batch_of_500_keeps_nobodys_single_photo_waiting_for_longer_than_two_photos_take(slots: int) -> None:
    simulated, singles = busy(slots)
    assert max(waits(simulated, singles)) <= 2 * WORK_S


def test_without_turns_the_same_photos_would_wait_for_the_whole_batch() -> None:
    simulated, singles = busy(2, fair=False)
    assert max(waits(simulated, singles)) > 200 * WORK_S


@pytest.mark.parametrize("slots", [1, 2, 10])
def test_twenty_single_photos_at_once_wait_for_each_other_and_for_one_photo_of_the_batch(slots: int) -> None:
    singles = [arrival for tenant in range(20) for arrival in ids(f"ten_{tenant:02}", 1, 31.0)]
    simulated = Simulation(slots).run(sorted([*ids("ten_batch", 500, 0.0), *singles]))
    assert max(waits(simulated, [job for _, _, job in singles])) <= -(-21 // slots) * WORK_S


@pytest.mark.parametrize("slots", [2, 10, 100])
def test_turns_cost_no_throughput(slots: int) -> None:
    fair, unfair = busy(slots)[0], busy(slots, fair=False)[0]
    assert max(fair.ended.values()) == max(unfair.ended.values())
    assert len(fair.ended) == 520


def test_a_tenants_own_jobs_keep_their_order() -> None:
    simulated, _ = busy(10)
    batch = [job for job in simulated.started if "ten_batch" in job]
    assert batch == sorted(batch)


def test_equal_tags_are_served_oldest_first_whatever_order_they_came_in() -> None:
    assert sorted([rules.order(7, "stg_b"), rules.order(7, "stg_a"), rules.order(6, "stg_z")]) == [
        rules.order(6, "stg_z"),
        rules.order(7, "stg_a"),
        rules.order(7, "stg_b"),
    ]


def test_nobody_saves_up_turns_by_staying_away() -> None:
    assert rules.next_tag(virtual=500, last=3) == 501


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40)), min_size=2, max_size=12), st.integers(1, 5))
def test_tenants_with_work_in_line_are_served_within_one_of_each_other(
    loads: list[tuple[int, int]], slots: int
) -> None:
    """Between any two tenants that both have jobs in line all along, no more than one job of difference (SFQ)."""
    first = ids("ten_first", slots, 0.0)
    arrivals = [a for n, (_, times) in enumerate(loads) for a in ids(f"ten_{n:02}", times, 1.0)]
    simulated = Simulation(slots).run([*first, *sorted(arrivals)])
    order = [job.split("_")[3] for job in sorted(simulated.started, key=lambda job: simulated.started[job])][slots:]
    shortest = min(times for _, times in loads)
    served = defaultdict[str, int](int)
    for tenant in order[: shortest * len(loads)]:
        served[tenant] += 1
        counts = [served[f"{n:02}"] for n in range(len(loads))]
        if max(counts) <= shortest:
            assert max(counts) - min(counts) <= 1


@given(st.sets(st.integers(0, 60)), st.integers(1, 50))
def test_free_slots_are_those_below_the_limit_that_nobody_holds(taken: set[int], limit: int) -> None:
    assert set(rules.free(taken, limit)) | taken >= set(range(limit))
    assert not set(rules.free(taken, limit)) & taken


def test_first_looks_are_spread_over_the_slots() -> None:
    looks = [rules.first_slot(f"stg_{number:026}", 1000) for number in range(2000)]
    assert len(set(looks)) > 800
    assert all(0 <= look < 1000 for look in looks)
