"""Work of all kinds in the jobs table: what the recovery finds, and what a kind allows."""

from datetime import timedelta

import pytest

from tests.support.builders import any_job
from tests.support.clock import NOW
from vitrine.jobs import rules, service
from vitrine.jobs.models import JobKind
from vitrine.kernel import tables
from vitrine.kinds_of_work import KINDS
from vitrine.staging.kinds import BATCH, STAGE
from vitrine.work import queueing, recovery
from vitrine.work.kinds import Kinds, UnknownKind


def test_the_oldest_job_at_work_is_not_one_that_waits_for_its_upload_nor_a_batch() -> None:
    waiting = any_job(created_at=NOW - timedelta(hours=23, minutes=50), deadline=NOW + timedelta(minutes=10))
    batch = any_job(kind=JobKind.BATCH, asset_id=None, deadline=NOW + timedelta(minutes=5))
    working = any_job()
    for job in (waiting, working, batch):
        tables.commit(*service.queueing(job))
    assert recovery.oldest_at_work(KINDS, NOW) is None
    service.change(working.tenant, working.id, lambda job: rules.start(job, NOW - timedelta(minutes=7)))
    assert recovery.oldest_at_work(KINDS, NOW) == NOW - timedelta(minutes=7)


@pytest.mark.parametrize(
    ("kind", "changes", "complaint"),
    [
        (STAGE, {"credits": 3}, "costs more"),
        (STAGE, {"asset_id": None}, "no upload"),
        (BATCH, {}, "is no batch"),
    ],
)
def test_a_job_that_its_kind_does_not_allow_is_not_queued(
    kind: object, changes: dict[str, object], complaint: str
) -> None:
    job = any_job(**changes)
    with pytest.raises(ValueError, match=complaint):
        queueing.queue(job, kind)  # type: ignore[arg-type]
    assert service.seek(job.tenant, job.id) is None


def test_a_kind_that_nobody_declared_is_an_error_and_so_is_one_that_is_declared_twice() -> None:
    with pytest.raises(UnknownKind, match="sync"):
        KINDS.of(JobKind.SYNC)
    with pytest.raises(ValueError, match="twice"):
        Kinds(STAGE, BATCH, STAGE)
