"""A copy of everything, and nothing left: whatever context wrote it, under whatever key."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.stores.stripe import subscriber
from tests.support.builders import any_call, any_job
from tests.support.clock import NOW
from tests.support.everywhere import all_items, everywhere, mentions, put
from tests.support.work import WORK
from vitrine.billing import service as billing
from vitrine.identity.accounts import rules as accounts_rules
from vitrine.identity.accounts import service as accounts
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.fair_queue import service as fair_queue
from vitrine.jobs.models import Job, JobKind, JobState, TaskToken
from vitrine.kernel import tables
from vitrine.kernel.environment import Buckets
from vitrine.kernel.errors import NotFound
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal
from vitrine.staging import batches, endpoint
from vitrine.trust import rules, service, store
from vitrine.work import machine

BUCKETS = Buckets.load()
EMAIL = "anna@agency.example"


@pytest.fixture(autouse=True)
def _machine(_cloud: None) -> None:
    definition = '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'
    role = "arn:aws:iam::123456789012:role/any"
    for name in ("staging", "batch"):
        boto3.client("stepfunctions").create_state_machine(name=name, definition=definition, roleArn=role)


SETTLES = int(service.SETTLES.total_seconds()) // 60
"""Minutes."""


def on_stagecraft() -> tuple[str, str]:
    """An account with a key; its tenant, and the key."""
    user = accounts.create(EMAIL, "trial", Ids.random(NOW), NOW)
    call = any_call(user.tenant)
    principal = Principal(user.tenant, user.id, plan="trial")
    issued = accounts.issue_key(type(call)(principal, NOW, Ids.random(NOW), "r"), "first key")
    return user.tenant, issued.text


def erase(tenant: str, minutes: float = 0) -> Any:
    return service.erase(tenant, BUCKETS, WORK, NOW + timedelta(minutes=minutes))


def test_an_erased_tenant_is_mentioned_nowhere() -> None:
    everywhere("ten_a")
    erase("ten_a")
    assert mentions("ten_a") == []


def test_an_erased_account_leaves_neither_address_nor_key() -> None:
    tenant, key = on_stagecraft()
    erase(tenant)
    assert mentions(tenant) + mentions(EMAIL) + mentions("first key") == []
    assert accounts.find_by_email(EMAIL) is None
    with pytest.raises(Exception, match=r"(?i)key"):
        accounts.authenticate(key, NOW)


def test_a_customer_of_stripes_is_erased_with_its_events() -> None:
    who = subscriber()
    customers = [item["pk"]["S"] for item in all_items()["billing"] if item["pk"]["S"].startswith("CUSTOMER#")]
    erase(who.tenant)
    assert mentions(who.tenant) == []
    for key in customers:
        assert mentions(key.partition("#")[2]) == []


def test_others_keep_everything() -> None:
    """One whose name begins like the erased one's included."""
    everywhere("ten_ab")
    before = {name: sorted(map(str, items)) for name, items in all_items().items()}
    objects_before = mentions("ten_ab")
    everywhere("ten_a")
    erase("ten_a")
    after = all_items()
    after["guard"] = [item for item in after["guard"] if item["pk"]["S"] != "ERASURES"]
    assert {name: sorted(map(str, items)) for name, items in after.items()} == before
    assert mentions("ten_ab") == objects_before


def test_running_work_is_cancelled_and_its_turn_and_money_are_given_back_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = everywhere("ten_a")
    seen = list[tuple[JobState, int]]()
    delete = store.delete

    def look(name: str, items: Any) -> None:
        if not seen:
            seen.append((jobs.find("ten_a", job.id).state, billing.account("ten_a").balances.held))
        delete(name, items)

    monkeypatch.setattr(store, "delete", look)
    assert erase("ten_a").jobs_cancelled == 1
    assert seen == [(JobState.CANCELLED, 0)]
    assert fair_queue.holders() == []


def test_an_erasure_is_finished_once_cancelled_work_can_put_down_nothing_more() -> None:
    job = everywhere("ten_a")
    first = erase("ten_a")
    assert (first.finished_at, first.settles_at) == (None, NOW + service.SETTLES)
    assert max(endpoint.DEADLINE, accounts_rules.ACCESS_FOR) == service.SETTLES
    put("media", f"inference/ten_a/{job.id}/1/staged.png")
    again = erase("ten_a", minutes=SETTLES)
    assert again.finished_at == NOW + timedelta(minutes=SETTLES)
    assert again.objects == first.objects + 1
    assert mentions("ten_a") == []


def test_the_record_of_an_erasure_names_nobody_and_is_found_by_who_knows_the_tenant() -> None:
    tenant, _ = on_stagecraft()
    done = erase(tenant)
    (record,) = [item for item in all_items()["guard"] if item["pk"]["S"] == "ERASURES"]
    assert record["sk"]["S"] == done.subject == rules.subject_of(tenant)
    assert done.items >= 4


def test_an_erasure_is_not_called_finished_while_an_access_token_may_still_bring_work() -> None:
    tenant, _ = on_stagecraft()
    assert erase(tenant).finished_at is None
    billing.forget_provisioned()
    billing.provision(any_call(tenant))  # what a token that was issued before lets in
    assert erase(tenant, minutes=SETTLES - 1).finished_at is None
    assert erase(tenant, minutes=SETTLES).finished_at is None
    assert erase(tenant, minutes=2 * SETTLES - 1).finished_at == NOW + timedelta(minutes=2 * SETTLES - 1)


def test_work_that_came_in_before_an_erasure_settled_gets_its_own_time_to_settle() -> None:
    tenant, _ = on_stagecraft()
    erase(tenant)
    everywhere(tenant)
    again = erase(tenant, minutes=SETTLES)
    assert (again.finished_at, again.settles_at) == (None, NOW + timedelta(minutes=2 * SETTLES))


def batch_under_way(tenant: str) -> tuple[Job, Job]:
    """A batch that its machine is working through, and the photo that it releases next."""
    billing.forget_provisioned()
    billing.provision(any_call(tenant))
    call = any_call(tenant)
    batch = any_job(id=call.ids.new("bat"), tenant=tenant, kind=JobKind.BATCH, subject="", asset_id=None, credits=0)
    photo = any_job(id=call.ids.new("stg"), tenant=tenant, batch=batch.id, held=True, credits=0)
    tables.commit(*jobs.queueing(batch), *jobs.queueing(photo))
    machine.start(batch, WORK)
    return batch, photo


def test_a_batch_under_way_is_stopped_and_what_it_still_does_puts_nothing_down() -> None:
    batch, photo = batch_under_way("ten_a")
    done = erase("ten_a")
    (execution,) = boto3.client("stepfunctions").list_executions(stateMachineArn=WORK.machine_of(batch.kind))[
        "executions"
    ]
    assert (execution["name"], execution["status"]) == (batch.id, "ABORTED")
    assert (done.jobs_cancelled, done.finished_at) == (2, None)
    token = TaskToken(tenant="ten_a", job_id=photo.id, attempt=0, token="task token")
    with pytest.raises(NotFound):
        batches.release(token, WORK, NOW)
    assert mentions("ten_a") == []


def test_an_attempt_that_begins_while_its_job_is_erased_leaves_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    job = everywhere("ten_a")
    erase("ten_a")
    monkeypatch.setattr(jobs, "change", lambda *_: job)
    with pytest.raises(NotFound):
        jobs.begin_attempt(TaskToken(tenant="ten_a", job_id=job.id, attempt=2, token="task token"), NOW)
    assert mentions("ten_a") == []


def test_an_erasure_may_be_repeated() -> None:
    everywhere("ten_a")
    erase("ten_a")
    finished = erase("ten_a", minutes=SETTLES)
    assert erase("ten_a", minutes=SETTLES + 5) == finished
    everywhere("ten_a")  # who comes back may be erased again
    assert erase("ten_a", minutes=2 * SETTLES).finished_at is None
    assert erase("ten_a", minutes=3 * SETTLES).finished_at == NOW + timedelta(minutes=3 * SETTLES)


@pytest.mark.parametrize("deletions", range(6))
def test_an_erasure_that_died_anywhere_goes_on(monkeypatch: pytest.MonkeyPatch, deletions: int) -> None:
    """Items go table by table; it dies after so many tables, and is begun again under the same address."""
    tenant, _ = on_stagecraft()
    everywhere(tenant)
    delete, left = store.delete, [deletions]

    def die_after(name: str, items: Any) -> None:
        if not left[0]:
            raise RuntimeError("the process is gone")
        left[0] -= 1
        delete(name, items)

    with monkeypatch.context() as dying:
        dying.setattr(store, "delete", die_after)
        with pytest.raises(RuntimeError):
            erase(tenant)
    account = accounts.find_by_email(EMAIL)
    assert account is not None
    assert account.user.tenant == tenant
    erase(tenant, minutes=SETTLES)
    assert mentions(tenant) + mentions(EMAIL) == []
    assert erase(tenant, minutes=2 * SETTLES).finished_at is not None


def test_a_tenant_that_keeps_writing_is_not_called_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    delete: Callable[..., None] = store.delete

    def write_again(name: str, items: Any) -> None:
        delete(name, items)
        put("media", "published/ten_a/img_new/staged.png")

    everywhere("ten_a")
    monkeypatch.setattr(store, "delete", write_again)
    with pytest.raises(service.StillWritten):
        erase("ten_a")


def test_an_export_holds_every_item_and_every_picture(tmp_path: Path) -> None:
    tenant, _ = on_stagecraft()
    job = everywhere(tenant)
    jobs.change(tenant, job.id, lambda job: job_rules.complete(job, {"picture": "p"}, NOW))
    found = service.export(tenant, tmp_path, BUCKETS, NOW)
    assert found.pictures == 5
    assert {path.relative_to(tmp_path / "pictures").parts[0] for path in tmp_path.glob("pictures/**/*.*g")} == {
        "uploads",
        "originals",
        "thumbnails",
        "inference",
        "published",
    }
    (record,) = [each for each in json.loads((tmp_path / "jobs.json").read_text()) if each["kind"] == "JOB"]
    assert record["body"]["result"] == {"picture": "p"}
    ours = {item["kind"]["S"] for item in all_items()["jobs"]} & rules.NOT_EXPORTED
    assert ours == rules.NOT_EXPORTED
    assert not ours & {each["kind"] for each in json.loads((tmp_path / "jobs.json").read_text())}
    assert EMAIL in (tmp_path / "identity.json").read_text()
    assert "Elm Street 4" in (tmp_path / "staging.json").read_text()
    assert json.loads((tmp_path / "export.json").read_text())["tenant"] == tenant


def test_an_export_holds_no_secrets_and_nobody_elses_things(tmp_path: Path) -> None:
    tenant, key = on_stagecraft()
    everywhere(tenant)
    everywhere("ten_other")
    service.export(tenant, tmp_path, BUCKETS, NOW)
    text = "".join(path.read_text() for path in tmp_path.glob("*.json"))
    assert "ten_other" not in text
    holders = [item for item in all_items()["identity"] if item["pk"]["S"].startswith("HOLDER#")]
    for secret in (key, "task token", *(holder["digest"]["S"] for holder in holders)):
        assert secret not in text
    assert holders


def test_an_export_of_nobody_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        service.export("ten_nobody", tmp_path / "out", BUCKETS, NOW)
    assert not (tmp_path / "out").exists()
