"""Turns, when many want one at once: exact on a DynamoDB that decides, fair in the deployed stack."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from itertools import chain, pairwise
from random import Random
from typing import Any

import pytest

from tests.journeys.conftest import Stack
from tests.journeys.test_retention import job_tenant
from tests.support import empty_room
from tests.support.backstage import Backstage
from tests.support.builders import any_job, any_tenant
from tests.support.crowd import at_once
from tests.support.customer import Customer, Json
from tests.support.patience import until
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.fair_queue import rules, service, store
from vitrine.jobs.models import Job
from vitrine.kernel import tables
from vitrine.kernel.clock import timestamp, utc_now

LIMIT = 4
PHOTOS = 3


def flat(lists: Iterable[list[str]]) -> list[str]:
    return list(chain.from_iterable(lists))


def queued(tenant: str) -> Job:
    job = any_job(tenant=tenant)
    tables.commit(*jobs.queueing(job))
    return job


def take(job: Job) -> list[str]:
    return [holder.job_id for holder in service.take(job, LIMIT, utc_now())]


def end(job: Job) -> list[str]:
    jobs.change(job.tenant, job.id, lambda job: job_rules.cancel(job, utc_now()))
    return [holder.job_id for holder in service.end(job.tenant, job.id, LIMIT, utc_now())]


@pytest.mark.usefixtures("shared")
def test_of_many_that_come_at_once_exactly_as_many_as_may_are_at_work_and_the_others_wait() -> None:
    made = [queued(any_tenant()) for _ in range(16)]
    started = flat(at_once(lambda number: take(made[number % 16]), 32))
    assert set(started) == {holder.job_id for holder in service.holders()}
    assert len(service.holders()) == LIMIT
    assert len(service.waiting()) == 12
    assert {place.job_id for place in service.waiting()} | set(started) == {job.id for job in made}


@pytest.mark.usefixtures("shared")
def test_of_many_events_of_one_end_exactly_one_hands_the_turn_on() -> None:
    working, waiting = [queued("ten_a") for _ in range(LIMIT)], [queued("ten_b") for _ in range(3)]
    for job in (*working, *waiting):
        take(job)
    handed_on = at_once(lambda _: end(working[0]), 8)
    assert flat(handed_on) == [waiting[0].id]
    assert len(service.holders()) == LIMIT


@pytest.mark.usefixtures("shared")
def test_when_all_end_at_once_all_turns_are_handed_on_and_in_the_end_nothing_is_left() -> None:
    made = {job.id: job for job in (queued(any_tenant()) for _ in range(5 * LIMIT))}
    at_work = flat(take(job) for job in made.values())
    served = Counter(at_work)
    while at_work:
        with ThreadPoolExecutor(LIMIT) as pool:
            at_work = flat(pool.map(lambda job_id: end(made[job_id]), at_work))
        assert len(service.holders()) <= LIMIT
        served.update(at_work)
    assert served == Counter(dict.fromkeys(made, 1))
    assert (service.holders(), service.waiting()) == ([], [])


@pytest.mark.usefixtures("shared")
def test_those_who_come_and_those_who_end_at_once_neither_lose_a_turn_nor_make_one() -> None:
    random, old = Random(7), [queued(any_tenant()) for _ in range(LIMIT)]
    for job in old:
        take(job)
    new = [queued(any_tenant()) for _ in range(12)]
    acts: list[Callable[[], list[str]]] = [
        *(lambda job=job: end(job) for job in old),
        *(lambda job=job: take(job) for job in new),
    ]
    random.shuffle(acts)
    at_once(lambda number: acts[number](), len(acts))
    assert len(service.holders()) == LIMIT, "no slot stays free while somebody is in line"
    assert len(service.waiting()) == len(new) - LIMIT


@pytest.mark.usefixtures("shared")
def test_of_many_jobs_of_one_tenant_at_once_each_has_a_tag_of_its_own() -> None:
    tags = at_once(lambda _: store.next_tag("ten_a", 41, utc_now()), 30)
    assert sorted(tags) == list(range(42, 72))
    assert rules.next_tag(41, 0) == 42


# In the deployed stack


QUEUE_FUNCTIONS = (
    *("reactions-start-work", "reactions-pass-on-slots", "reactions-sweep-deadlines"),
    "pipeline-release-photo",
)


@contextmanager
def at_most(limit: int, backstage: Backstage) -> Iterator[None]:
    with ExitStack() as found:
        for function in QUEUE_FUNCTIONS:
            found.enter_context(backstage.with_environment(function, VITRINE_JOBS_AT_ONCE=str(limit)))
        yield


@pytest.mark.usefixtures("alone")
def test_single_photos_are_staged_between_those_of_another_and_one_at_a_time_if_no_more_may_be(
    customer: Callable[[], Customer], backstage: Backstage
) -> None:
    """The one slot is held by a job whose handing on was lost: everybody stands in line, until the sweep finds that."""
    agency, *singles = (customer() for _ in range(3))
    # Photos that are refused after a second or two: what counts here is who is worked on when.
    uploads = [(who, who.upload_inspected(empty_room.no_room())) for who in [agency] * PHOTOS + singles]
    gone = agency.order(uploads[0][1])
    until(lambda: agency.job(gone).state.is_over and not turns(backstage, "SLOTS"), what="a job that is over")
    with at_most(1, backstage):
        hold_slot(backstage, agency.job(gone), utc_now())
        orders = [(who, queue_up(who, upload)) for who, upload in uploads]
        assert backstage.invoke("reactions-sweep-deadlines", {}).answer["repaired"] == 0
        hold_slot(backstage, agency.job(gone), utc_now() - timedelta(minutes=5))
        assert backstage.invoke("reactions-sweep-deadlines", {}).answer["repaired"] >= 1
        until(lambda: all(who.job(image_id).state.is_over for who, image_id in orders), 180, what="all photos")
        until(lambda: not turns(backstage, "SLOTS") + turns(backstage, "PLACES"), what="the last slot to be free")
    worked = {image_id: work_of(who, image_id) for who, image_id in orders}
    order = sorted(worked, key=lambda image_id: worked[image_id][0])
    first, *rest = (image_id for who, image_id in orders if who is agency)
    assert order == [first, *(image_id for who, image_id in orders if who is not agency), *rest]
    assert all(worked[before][1] <= worked[after][0] for before, after in pairwise(order)), "one at a time"


@pytest.mark.timeout(480)
@pytest.mark.usefixtures("alone")
def test_a_batch_lets_the_single_photo_of_another_through(stack: Stack, alice: Customer, backstage: Backstage) -> None:
    upload, key = alice.upload_inspected(empty_room.no_room()), stack.api_key("batch-among-others")
    sent = [("images[]", ("room.jpg", empty_room.no_room(), "image/jpeg"))] * 5
    with stack.bearing("stagecraft", key) as http, at_most(1, backstage):
        answer = http.post("/api/stage/batch", files=sent, data={"style": "modern_luxury"})
        assert answer.status_code == 202, answer.text
        photos = [each["id"] for each in answer.json()["individual_stagings"]]
        until(lambda: turns(backstage, "SLOTS") and turns(backstage, "PLACES"), 120, what="the batch to stand in line")
        single = alice.order(upload)
        tenant = job_tenant(backstage, photos[0])
        until(lambda: all(backstage.job(tenant, photo).state.is_over for photo in photos), 180, what="the batch")
        alice.wait(single)
    began = [backstage.events(tenant, photo)[1].at for photo in photos]
    assert any(backstage.events(alice.tenant, single)[1].at < at for at in began), "the last to come, and not the last"


def queue_up(who: Customer, upload: Json) -> str:
    before = len(turns(who.backstage, "PLACES"))
    image_id = who.order(upload)
    until(lambda: len(turns(who.backstage, "PLACES")) > before, what=f"{image_id} to stand in line")
    return image_id


def hold_slot(backstage: Backstage, job: Job, since: datetime) -> None:
    """What a process leaves behind that died between the end of a job and handing its turn on."""
    holder = {"tenant": job.tenant, "job": job.id, "since": timestamp(since)}
    item = {"pk": "QUEUE#SLOTS", "sk": "000000", "kind": "SLOT", **holder}
    backstage.aws("dynamodb").put_item(
        TableName=backstage.table("jobs"), Item={name: {"S": value} for name, value in item.items()}
    )


def turns(backstage: Backstage, where: str) -> list[Any]:
    return backstage.items("jobs", f"QUEUE#{where}", "0")


def work_of(who: Customer, image_id: str) -> tuple[float, float]:
    """When the work on an image began and ended."""
    events = who.backstage.events(who.tenant, image_id)
    assert [event.state.value for event in events] == ["queued", "processing", "error"]
    return events[1].at.timestamp(), events[2].at.timestamp()
