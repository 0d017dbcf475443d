from datetime import timedelta

import pytest

from tests.support.builders import any_job
from tests.support.clock import NOW
from vitrine.jobs import rules, service, store
from vitrine.jobs.models import JobState, TaskToken
from vitrine.kernel import tables
from vitrine.kernel.errors import NotFound


def test_a_queued_job_is_found_with_the_event_that_tells_of_it() -> None:
    job = any_job()
    tables.commit(*service.queueing(job))
    assert service.find(job.tenant, job.id) == job
    assert [event.type for event in store.events_after(job.tenant, job.id, 0)] == ["JobQueued"]


def test_the_same_job_is_queued_only_once() -> None:
    job = any_job()
    tables.commit(*service.queueing(job))
    with pytest.raises(store.JobExists):
        tables.commit(*service.queueing(job))
    assert len(store.events_after(job.tenant, job.id, 0)) == 1


def test_another_tenants_job_is_not_found() -> None:
    job = any_job()
    tables.commit(*service.queueing(job))
    with pytest.raises(NotFound):
        service.find("ten_other", job.id)


def test_every_change_writes_its_event_and_a_repeated_one_writes_nothing() -> None:
    job = any_job()
    tables.commit(*service.queueing(job))
    for _ in range(2):
        service.change(job.tenant, job.id, lambda job: rules.start(job, NOW))
    for _ in range(2):
        service.change(job.tenant, job.id, lambda job: rules.complete(job, {"picture": "p"}, NOW))
    numbers = [(event.number, event.state) for event in store.events_after(job.tenant, job.id, 0)]
    assert numbers == [(1, JobState.QUEUED), (2, JobState.PROCESSING), (3, JobState.READY)]


def test_a_job_that_is_over_stays_as_it_is() -> None:
    job = any_job()
    tables.commit(*service.queueing(job))
    service.change(job.tenant, job.id, lambda job: rules.cancel(job, NOW))
    with pytest.raises(rules.JobIsOver):
        service.change(job.tenant, job.id, lambda job: rules.start(job, NOW))
    assert service.find(job.tenant, job.id).state is JobState.CANCELLED


def test_replay_gives_only_what_came_after() -> None:
    job = any_job()
    tables.commit(*service.queueing(job))
    service.change(job.tenant, job.id, lambda job: rules.start(job, NOW))
    assert [event.number for event in store.events_after(job.tenant, job.id, 1)] == [2]
    assert store.events_after(job.tenant, job.id, 2) == []


def test_an_upload_knows_the_jobs_that_wait_for_it() -> None:
    one, two = any_job(asset_id="ast_x"), any_job(asset_id="ast_x")
    for job in (one, two, any_job(asset_id="ast_y")):
        tables.commit(*service.queueing(job))
    assert set(store.waiting_for("ten_a", "ast_x")) == {one.id, two.id}


def test_the_sweeper_finds_open_jobs_past_their_deadline_and_no_others() -> None:
    late, early, over = (any_job(deadline=NOW - timedelta(minutes=1)) for _ in range(3))
    early = early.model_copy(update={"deadline": NOW + timedelta(minutes=1)})
    for job in (late, early, over):
        tables.commit(*service.queueing(job))
    service.change(over.tenant, over.id, lambda job: rules.cancel(job, NOW))
    assert [job.id for job in store.due_by(NOW)] == [late.id]


def test_a_job_that_cannot_be_read_does_not_hide_the_others() -> None:
    good, bad = (any_job(deadline=NOW - timedelta(minutes=1)) for _ in range(2))
    for job in (good, bad):
        tables.commit(*service.queueing(job))
    key = {"pk": {"S": f"{bad.tenant}#{bad.id}"}, "sk": {"S": "JOB"}}
    tables.client().update_item(
        TableName="jobs",
        Key=key,
        UpdateExpression="SET body = :b",
        ExpressionAttributeValues={":b": {"S": '{"id": "spoilt"}'}},
    )
    assert [job.id for job in store.due_by(NOW)] == [good.id]


def test_a_deadline_is_brought_forward_and_never_put_off() -> None:
    job = any_job()
    tables.commit(*service.queueing(job))
    service.hasten(job, NOW + timedelta(minutes=45))
    hastened = service.find(job.tenant, job.id)
    service.hasten(hastened, NOW + timedelta(minutes=90))
    assert service.find(job.tenant, job.id).deadline == NOW + timedelta(minutes=45)
    assert service.find(job.tenant, job.id).version == 1
    assert [found.id for found in store.due_by(NOW + timedelta(minutes=46))] == [job.id]


def test_the_last_token_of_an_attempt_is_the_one_it_answers_to() -> None:
    job = any_job()
    tables.commit(*service.queueing(job))
    for token in ("first", "second"):
        service.begin_attempt(TaskToken(tenant=job.tenant, job_id=job.id, attempt=1, token=token), NOW)
    found = store.get_token(job.tenant, job.id, 1)
    assert found is not None
    assert found.token == "second"
