"""The ledger: every movement of credits is an entry whose legs sum to zero.

| kind    | from      | to        | when                                     |
|---------|-----------|-----------|------------------------------------------|
| grant   | grants    | available | an account opens, an invoice is paid     |
| reserve | available | held      | a job is queued                          |
| settle  | held      | spent     | the job is ready                         |
| refund  | held      | available | the job ends in error or is cancelled    |
| revoke  | available | grants    | money for granted credits went back      |

A revocation takes what was granted, spent or not: `available` may fall below zero, and the next grants fill it up.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from vitrine.billing.models import Balances, Entry, EntryKind, HoldState, LedgerAccount, Leg
from vitrine.jobs.models import Job, JobState

OUT_OF_CREDITS = "The account has not enough credits left for this."

_ROUTE = {
    EntryKind.GRANT: (LedgerAccount.GRANTS, LedgerAccount.AVAILABLE),
    EntryKind.RESERVE: (LedgerAccount.AVAILABLE, LedgerAccount.HELD),
    EntryKind.SETTLE: (LedgerAccount.HELD, LedgerAccount.SPENT),
    EntryKind.REFUND: (LedgerAccount.HELD, LedgerAccount.AVAILABLE),
    EntryKind.REVOKE: (LedgerAccount.AVAILABLE, LedgerAccount.GRANTS),
}

_OUTCOME = {
    JobState.READY: HoldState.SETTLED,
    JobState.ERROR: HoldState.REFUNDED,
    JobState.CANCELLED: HoldState.REFUNDED,
}


def grant(tenant: str, amount: int, reason: str, now: datetime) -> Entry:
    return _entry(tenant, EntryKind.GRANT, reason, amount, now)


def revoke(tenant: str, amount: int, reason: str, now: datetime) -> Entry:
    return _entry(tenant, EntryKind.REVOKE, reason, amount, now)


def reserve(tenant: str, job_id: str, amount: int, now: datetime) -> Entry:
    return _entry(tenant, EntryKind.RESERVE, job_id, amount, now)


def conclude(tenant: str, job_id: str, amount: int, outcome: HoldState, now: datetime) -> Entry:
    kind = EntryKind.SETTLE if outcome is HoldState.SETTLED else EntryKind.REFUND
    return _entry(tenant, kind, job_id, amount, now)


def outcome_of(job: Job) -> HoldState | None:
    """What becomes of the job's credits, None while it is not over or if it held none."""
    return _OUTCOME.get(job.state) if job.credits else None


def movements(entries: Iterable[Entry]) -> dict[LedgerAccount, int]:
    """The sum of the legs of each ledger account that the entries touch."""
    total: Counter[LedgerAccount] = Counter()
    for entry in entries:
        for leg in entry.legs:
            total[leg.account] += leg.amount
    return dict(total)


def balances_of(entries: Iterable[Entry]) -> Balances:
    """The balances that a whole ledger adds up to."""
    total = movements(entries)
    return Balances(
        granted=-total.get(LedgerAccount.GRANTS, 0),
        available=total.get(LedgerAccount.AVAILABLE, 0),
        held=total.get(LedgerAccount.HELD, 0),
        spent=total.get(LedgerAccount.SPENT, 0),
    )


def _entry(tenant: str, kind: EntryKind, reason: str, amount: int, now: datetime) -> Entry:
    if amount <= 0:
        raise ValueError("an entry moves at least one credit")
    source, target = _ROUTE[kind]
    legs = (Leg(account=source, amount=-amount), Leg(account=target, amount=amount))
    return Entry(tenant=tenant, key=f"{kind}#{reason}", kind=kind, legs=legs, at=now)
