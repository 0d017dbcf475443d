"""`vitrine job`: one job's whole story on a page, and what an operator can do about it."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from infra.errors import CommandError
from infra.local.commands.common import Commands
from infra.operators import environment

if TYPE_CHECKING:
    from vitrine.jobs.models import Job
    from vitrine.work.models import Work

LOG_LINES = 50


def register(commands: Commands) -> None:
    job: argparse.ArgumentParser = commands.add_parser("job", help="one job: show, retry, cancel")
    actions = job.add_subparsers(required=True, metavar="ACTION")
    show = environment.register(actions, "show", "its record, events, attempts, execution and ledger")
    show.add_argument("--logs", action="store_true", help="the log lines that name it, too")
    show.set_defaults(run=run_show)
    retry = environment.register(actions, "retry", "start an open job again whose execution is over or never began")
    retry.set_defaults(run=run_retry)
    cancel = environment.register(actions, "cancel", "end an open job as cancelled, give its credits back, stop it")
    cancel.set_defaults(run=run_cancel)
    for parser in (show, retry, cancel):
        parser.add_argument("job_id", metavar="JOB")
        parser.add_argument("--tenant", metavar="ID", help="whose it is; without, all jobs are searched")


def run_show(options: argparse.Namespace) -> int:
    job, work = _find(options)
    for line in _story(job, work):
        print(line)
    if options.logs:
        for line in _logged(options.environment, job):
            print(line)
    return 0


def run_retry(options: argparse.Namespace) -> int:
    """Idempotency key: the job and the executions that it has had."""
    from vitrine.jobs.models import JobState
    from vitrine.kernel import executions
    from vitrine.kernel.clock import utc_now
    from vitrine.work import start

    job, work = _find(options)
    if job.state.is_over:
        raise CommandError(f"The job is over ({job.state}) and was settled.", "Its owner can ask for a new one.")
    if job.state is JobState.QUEUED:
        print(start.begin(job.tenant, job.id, work, utc_now()))
        return 0
    machine = work.machine_of(job.kind)
    running = [each["name"] for each in executions.of(machine, job.id) if each["status"] == "RUNNING"]
    if running:
        raise CommandError(f"Its execution {running[0]} is running.", "Wait for it, or cancel the job.")
    attempt = 1 + max(1, _attempts(job))
    executions.start(machine, f"{job.id}-{attempt}", {"tenant": job.tenant, "job_id": job.id, "attempt": attempt})
    print(f"started as {job.id}-{attempt}")
    return 0


def run_cancel(options: argparse.Namespace) -> int:
    """Idempotency key: the job."""
    from vitrine.jobs.rules import JobIsOver
    from vitrine.kernel.clock import utc_now
    from vitrine.work import ending, machine

    job, work = _find(options)
    over = CommandError(f"The job is over ({job.state}).", "There is nothing to cancel.")
    if job.state.is_over:
        raise over
    try:
        after = ending.cancel(job.tenant, job.id, utc_now())
    except JobIsOver:
        raise over from None
    machine.stop(job.kind, job.id, work)
    print(f"{after.state}; {job.credits} credits given back")
    return 0


def _find(options: argparse.Namespace) -> tuple["Job", "Work"]:
    environment.enter(options)
    from vitrine.jobs import service as jobs
    from vitrine.kernel.environment import WorkMachines
    from vitrine.kinds_of_work import KINDS
    from vitrine.work.models import Work

    found = jobs.seek(options.tenant, options.job_id) if options.tenant else jobs.search(options.job_id)
    if found is None:
        raise CommandError(f"There is no job {options.job_id}.", "Its record may have run out, or it is elsewhere.")
    return found, Work(KINDS, WorkMachines.load())


def _attempts(job: "Job") -> int:
    from vitrine.jobs import service as jobs

    return jobs.latest_attempt(job.tenant, job.id)


def _story(job: "Job", work: "Work") -> Iterator[str]:
    from vitrine.billing import service as billing
    from vitrine.jobs import service as jobs

    yield f"{job.kind} {job.id} of {job.tenant}: {job.state}{_why(job)}"
    yield f"  subject {job.subject}, upload {job.asset_id or 'none'}, batch {job.batch or 'none'}"
    yield f"  made {_at(job.created_at)}, begun {_at(job.started_at)}, deadline {_at(job.deadline)}"
    yield "events"
    for event in jobs.events_after(job.tenant, job.id, 0):
        yield f"  {_at(event.at)}  {event.number:3} {event.type} → {event.state}"
    yield f"attempts: {_attempts(job)}"
    yield "executions"
    yield from _executions(job, work)
    yield "ledger"
    for entry in billing.entries_of_job(job.tenant, job.id):
        yield f"  {_at(entry.at)}  {entry.kind} {entry.amount}"


def _why(job: "Job") -> str:
    return f" ({job.error.code}: {job.error.message})" if job.error else ""


def _executions(job: "Job", work: "Work") -> Iterator[str]:
    from vitrine.kernel import executions

    for each in executions.of(work.machine_of(job.kind), job.id):
        why = f": {each['error']}" if each.get("error") else ""
        yield f"  {_at(each.get('startDate'))} to {_at(each.get('stopDate'))}  {each['name']} {each['status']}{why}"
        for name, error in executions.failures(each["executionArn"]):
            yield f"      {name}: {error}"


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else "-"


def _logged(name: str, job: "Job") -> Iterator[str]:
    """The newest lines that name the job, of all functions, oldest first."""
    import boto3

    client: Any = boto3.session.Session().client("logs")
    since = int(job.created_at.timestamp() * 1000)
    found = []
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/lambda/vitrine-{name}-"):
        for group in (each["logGroupName"] for each in page["logGroups"]):
            lines = client.filter_log_events(logGroupName=group, startTime=since, filterPattern=f'"{job.id}"')
            found += [(each["timestamp"], group.rpartition("/")[2], each["message"]) for each in lines["events"]]
    yield "logs"
    for at, function, message in sorted(found)[-LOG_LINES:]:
        yield f"  {_at(datetime.fromtimestamp(at / 1000, UTC))}  {function}: {message.rstrip()}"
