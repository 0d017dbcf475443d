"""The same request under the same `Idempotency-Key` does its work once and is answered once.

Kept 24 hours, as Stripe's API and the IETF draft (draft-ietf-httpapi-idempotency-key-header) do: the first answer is
replayed, another body is 422, a first try that still runs is 409. One write claims the key and one stores the answer.

A route may instead keep the key by the transaction that does its work (`Entry`): no claim goes before it then.

A first try that crashed leaves its claim behind, which runs out after `RUNNING_FOR`. The next try takes it over
together with the seed of its ids, so what the crashed try had committed is met again, not made twice.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from botocore.exceptions import ClientError

from vitrine.kernel import store, tables
from vitrine.kernel.errors import AppError, Conflict, Invalid
from vitrine.kernel.ids import Ids
from vitrine.kernel.tables import Write

KEPT_FOR = timedelta(hours=24)
RUNNING_FOR = timedelta(seconds=30)
_NEVER = datetime.fromtimestamp(0, UTC)
"""Of a claim that keeps nobody else away: when it ran out."""
_SORT = "CLAIM"


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Claim:
    """A key held by this try. `seed` and `claimed_at` feed `Ids.seeded`.

    `shared` claims keep nobody else away: their routes run again for each repeat, and the ids make that harmless.
    """

    partition: str
    seed: str
    claimed_at: datetime
    taken_over: bool = False
    shared: bool = False

    def ids(self) -> Ids:
        return Ids.seeded(self.claimed_at, self.seed)


class Repeated(Conflict):
    """What was asked for under this key is done, or the key was used for something else: nothing is to be done."""

    code = "repeated"


class Entry:
    """A key that is kept by the transaction which does the work: `write` goes into it.

    `made` once that was committed, `met` once it found the key there.
    """

    def __init__(self, table: str, partition: str, request: str, now: datetime) -> None:
        self._table, self._partition, self._request, self._now = table, partition, request, now
        self.made = self.met = False

    @property
    def write(self) -> Write:
        """Conflicts with `Repeated`."""
        said = {
            "request": self._request,
            "seed": "",
            "claimed_at": self._now.isoformat(),
            "running_until": 0,
            "expires_at": (self._now + KEPT_FOR).timestamp(),
        }
        write = store.put_unless_held(self._table, (self._partition, _SORT), said, self._now, self._found)
        return replace(write, made=self._done)

    def settle(self) -> None:
        """Keep the key now, unless it is kept. Raises `Invalid` when it was used for another request."""
        held = _put_claim(self._table, self._partition, self._request, self._now, "", _NEVER)
        if held is not None:
            _answered(held, self._request, self._now)

    def _done(self) -> None:
        self.made = True

    def _found(self) -> AppError:
        self.met = True
        return Repeated("This was done before.")


def fingerprint(method: str, path: str, body: str) -> str:
    """What must be equal for two requests to count as the same. Hashed: bodies are not stored."""
    return hashlib.sha256("\n".join((method, path, body)).encode()).hexdigest()


class Idempotency:
    """The claims in the guard table, one item a key; keys are scoped to the tenant and the surface."""

    def __init__(self, table: str) -> None:
        self._table = table

    def claim(
        self, scope: str, key: str, request: str, now: datetime, seed: str, *, shared: bool = False
    ) -> Claim | Answer:
        """Hold `key`, or give the answer it already has.

        Raises `Conflict` while another try holds it, `Invalid` when it was used for another request.
        """
        partition = _partition(scope, key)
        until = _NEVER if shared else now + RUNNING_FOR
        while True:
            held = _put_claim(self._table, partition, request, now, seed, until)
            if held is None:
                return Claim(partition, seed, now, shared=shared)
            answer = _answered(held, request, now)
            if answer is not None:
                return answer
            taken = _taken_over(partition, held, shared) if shared else self._take_over(partition, held, until)
            if taken is not None:
                return taken

    def entry(self, scope: str, key: str, request: str, now: datetime) -> Entry:
        return Entry(self._table, _partition(scope, key), request, now)

    def complete(self, claim: Claim, answer: Answer) -> None:
        tables.client().update_item(
            TableName=self._table,
            Key=_key(claim.partition),
            UpdateExpression="SET answer = :answer REMOVE running_until",
            ExpressionAttributeValues={":answer": {"S": json.dumps(vars(answer))}},
        )

    def release(self, claim: Claim) -> None:
        """Let go of a claim whose try failed on our side: the next try takes it over with its seed."""
        if claim.shared:
            return
        tables.client().update_item(
            TableName=self._table,
            Key=_key(claim.partition),
            UpdateExpression="SET running_until = :past",
            ExpressionAttributeValues={":past": {"N": "0"}},
        )

    def forget(self, claim: Claim) -> None:
        """Free the key of a try that was refused, so that a corrected request may use it.

        A claim that was taken over is only released: the try before it may have committed something.
        """
        if claim.taken_over:
            self.release(claim)
        else:
            tables.client().delete_item(TableName=self._table, Key=_key(claim.partition))

    def _take_over(self, partition: str, held: dict[str, Any], until: datetime) -> Claim | None:
        try:
            tables.client().update_item(
                TableName=self._table,
                Key=_key(partition),
                UpdateExpression="SET running_until = :until",
                ConditionExpression="seed = :seed AND running_until = :seen",
                ExpressionAttributeValues={
                    ":until": _epoch(until),
                    ":seed": held["seed"],
                    ":seen": held["running_until"],
                },
            )
        except ClientError as error:
            _held(error)
            return None
        return _taken_over(partition, held, shared=False)


def _put_claim(
    table: str, partition: str, request: str, now: datetime, seed: str, until: datetime
) -> dict[str, Any] | None:
    try:
        tables.client().put_item(
            TableName=table,
            Item={
                **_key(partition),
                "request": {"S": request},
                "seed": {"S": seed},
                "claimed_at": {"S": now.isoformat()},
                "running_until": _epoch(until),
                "expires_at": _epoch(now + KEPT_FOR),
            },
            ConditionExpression="attribute_not_exists(pk) OR expires_at <= :now",
            ExpressionAttributeValues={":now": _epoch(now)},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        return _held(error)
    return None


def _taken_over(partition: str, held: dict[str, Any], shared: bool) -> Claim:
    claimed_at = datetime.fromisoformat(held["claimed_at"]["S"])
    return Claim(partition, held["seed"]["S"], claimed_at, taken_over=True, shared=shared)


def _answered(held: dict[str, Any], request: str, now: datetime) -> Answer | None:
    if held["request"]["S"] != request:
        raise Invalid.field("header.Idempotency-Key", "reused", "This key was used for another request.")
    if "answer" in held:
        return Answer(**json.loads(held["answer"]["S"]))
    if float(held["running_until"]["N"]) > now.timestamp():
        raise _still_running()
    return None


def _still_running() -> AppError:
    return Conflict(
        "The first request under this key is still running. Ask again shortly.",
        code="in_progress",
        headers={"Retry-After": "1"},
    )


def _partition(scope: str, key: str) -> str:
    return f"IDEMPOTENCY#{scope}#{hashlib.sha256(key.encode()).hexdigest()}"


def _key(partition: str) -> dict[str, Any]:
    return {"pk": {"S": partition}, "sk": {"S": _SORT}}


def _epoch(moment: datetime) -> dict[str, str]:
    return {"N": str(moment.timestamp())}


def _held(error: ClientError) -> dict[str, Any]:
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
    return cast(dict[str, Any], error.response.get("Item", {}))
