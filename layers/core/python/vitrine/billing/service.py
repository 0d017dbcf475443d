"""What other contexts do with money. Ending a job goes through `end_job`, whatever ends it."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from vitrine.billing import plans, rules, store
from vitrine.billing.models import CreditAccount, Entry
from vitrine.billing.usage import service as usage
from vitrine.identity import service as identity
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import Conflict, NotFound
from vitrine.kernel.tables import Write

_REMEMBERED = 10_000
_provisioned: OrderedDict[str, None] = OrderedDict()


def reserving(tenant: str, job_id: str, amount: int, now: datetime) -> tuple[Write, ...]:
    """The writes that hold credits for a job, for the transaction that queues it. Idempotency key: the job's id.

    Conflicts with `PaymentRequired` when less is available.
    """
    if amount == 0:
        return ()
    return store.reserve(rules.reserve(tenant, job_id, amount, now), job_id)


def concluding(job: Job, now: datetime) -> tuple[Write, ...]:
    """The writes that settle or refund what a job held, for the transaction that ends it.

    Idempotency key: the job's id.

    Credits and usage alike; none for a job that held neither or is not over. Conflicts with `NotReserved`, so the money
    moves once.
    """
    outcome = rules.outcome_of(job)
    if outcome is None:
        return usage.concluding(job, now)
    entry = rules.conclude(job.tenant, job.id, job.credits, outcome, now)
    return (*store.conclude(entry, job.id, outcome), *usage.concluding(job, now))


def end_job(tenant: str, job_id: str, change: Callable[[Job], Job], now: datetime) -> Job:
    """Apply a rule that ends a job, with its event and its money, in one transaction. Raises as `jobs.change` does."""
    return jobs.change(tenant, job_id, change, also=lambda job: concluding(job, now))


def withdraw_images(tenant: str, job_id: str, now: datetime, also: Callable[[Job], tuple[Write, ...]]) -> Job:
    """Its owner wants the job's pictures gone; one that is cancelled for it gives back what it held.

    Idempotency key: the job. Raises `NotFound`.
    """

    def written(before: Job, after: Job) -> tuple[Write, ...]:
        return (*(() if before.state.is_over else concluding(after, now)), *also(after))

    return jobs.withdraw_images(tenant, job_id, now, written)


def provision(call: Call) -> None:
    """Record who calls and open their account with its opening grant, on a tenant's first call.

    Idempotency key: the tenant.

    What Stripe sent before is applied then, or by a later call if this one dies before: it stays noted until it is.
    Costs one read when the account is there, and nothing when this process has seen it lately.
    """
    tenant = call.tenant
    if tenant not in _provisioned:
        _meet(call)
    _provisioned[tenant] = None
    _provisioned.move_to_end(tenant)
    if len(_provisioned) > _REMEMBERED:
        _provisioned.popitem(last=False)


def forget_provisioned() -> None:
    """For tests, whose tables come and go within one process."""
    _provisioned.clear()


def account(tenant: str) -> CreditAccount:
    found = store.get(tenant)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def history(tenant: str, limit: int, after: Position | None) -> tuple[list[Entry], Position | None]:
    """The movements of an account's credits, the newest first."""
    return store.history(tenant, limit, after)


def entries_of_job(tenant: str, job_id: str) -> list[Entry]:
    """What a job moved, in the order of time. Reads the tenant's whole ledger: for operators."""
    return sorted((entry for entry in store.entries(tenant) if job_id in entry.key), key=lambda entry: entry.at)


def grant(tenant: str, amount: int, reason_key: str, now: datetime) -> None:
    """Give credits, once for each `reason_key`. Raises `NotFound` when there is no such account.

    No route does: it is for operators, and for tests that mix grants with every other movement of the ledger. What
    invoices bring is granted together with what Stripe sent of them, by `store.record_stripe_profile`.
    """
    try:
        tables.commit(*store.grant(rules.grant(tenant, amount, reason_key, now)))
    except store.EntryExists:
        return


def _meet(call: Call) -> None:
    is_open, waiting = store.look(call.tenant)
    if not is_open:
        _open(call)
        _, waiting = store.look(call.tenant)
    if waiting:
        # Imported here, since a cold start of every API Lambda would pay for what almost no call needs.
        from vitrine.billing.stripe import service as stripe

        stripe.catch_up(call.tenant, waiting, call.now)


def _open(call: Call) -> None:
    opening = rules.grant(call.tenant, plans.FREE.opening_credits, "opening", call.now)
    try:
        tables.commit(*identity.registering(call), *store.insert(call.tenant, opening, call.now))
    except Conflict:
        # Another first call of the same tenant was faster; anything else is not for us to hide.
        if store.get(call.tenant) is None:
            raise
