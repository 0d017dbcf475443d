"""DynamoDB for the stores: one base model, one connection, and transactions that span contexts.

A single write that meets a transaction on its item is sent again, whoever sends it, and is 503 at last.

A store never commits what another context must commit with it. It returns `Write`s, the services gather them, and
`commit` makes them one transaction. Each write brings the error to raise when its own condition does not hold.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable
from pynamodb.connection.table import TableConnection
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vitrine.kernel.errors import AppError, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_connection: Connection | None = None
_connecting = Lock()
"""Threads that begin together share the one that the first of them makes."""
_round_trips = 0


def connection() -> Connection:
    """The process's one connection. A botocore client costs 45 to 80 ms to build, so tables share it.

    A call that hangs is given up and made again within the shortest Lambda's time; all our writes are conditional.
    """
    global _connection
    if _connection is None:
        with _connecting:
            _connection = _connection or _connected()
    return _connection


def _connected() -> Connection:
    made = Connection(connect_timeout_seconds=2, read_timeout_seconds=5, max_retry_attempts=2)
    events: Any = made.client.meta.events  # handlers of these events answer, which boto3's stubs do not know
    events.register("before-send.dynamodb", _count)
    events.register("needs-retry.dynamodb", _after_contention)
    events.register("after-call.dynamodb", _give_up)
    return made


def client() -> "DynamoDBClient":
    """The plain client under the connection, for single conditional writes that read what stopped them."""
    return cast("DynamoDBClient", connection().client)


def round_trips() -> int:
    """How many requests this process has sent to DynamoDB; the difference over a call is its cost."""
    return _round_trips


def _count(**_: Any) -> None:
    global _round_trips
    _round_trips += 1


_CONTENTION = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
"""Why a transaction is cancelled that may be tried again."""
_CONFLICT = "TransactionConflictException"
"""What a single write gets that meets a transaction on its item."""
_BUSY = {_CONFLICT, "ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
_TRIES = 8
_PER_TRANSACTION = 100


def _after_contention(response: Any = None, attempts: int = 0, **_: Any) -> float | None:
    """Seconds to wait before a single write is sent again; None for what botocore itself decides.

    botocore knows throttling, and takes a conflict for an error of the request.
    """
    if response is None or attempts >= _TRIES or _code(response[1]) != _CONFLICT:
        return None
    return _jitter(attempts)


def _give_up(parsed: Any = None, **_: Any) -> None:
    """Raises `Unavailable` for a call that DynamoDB was too busy for, after all tries."""
    if _code(parsed) in _BUSY:
        raise _busy()


def _code(parsed: Any) -> str | None:
    return cast(str | None, ((parsed or {}).get("Error") or {}).get("Code"))


def _jitter(attempt: int) -> float:
    """Full jitter after so many tries, at most about 3 s over all of them."""
    return random.uniform(0, 0.01 * 2**attempt)  # noqa: S311 - jitter, not a secret


def _busy() -> Unavailable:
    return Unavailable("Too many changes to the same thing at once. Try again.")


class Table(Model):
    """Base of every context's items: string keys, and a TTL in epoch seconds.

    Each table's own base adds `kind`, a discriminator: one here would be shared, and its values would clash.
    """

    pk: Any = UnicodeAttribute(hash_key=True)
    sk: Any = UnicodeAttribute(range_key=True)
    expires_at: Any = NumberAttribute(null=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = super()._get_connection()
        if table.connection is not connection():
            meta = table.connection.get_meta_table(table.table_name)
            table.connection = connection()
            _describe(table.connection, meta)
        return table


def _describe(shared: Connection, meta: MetaTable) -> None:
    """Stores that use no index of a table describe it without: who comes later knows more, and holds."""
    known = shared._tables.get(meta.table_name)
    if known is None or len(_indexes(known)) < len(_indexes(meta)):
        shared._tables[meta.table_name] = meta


def _indexes(meta: MetaTable) -> list[Any]:
    return meta.data.get("GlobalSecondaryIndexes") or []


@dataclass(frozen=True)
class Write:
    """One write of a transaction. `conflict` makes the error for when its condition fails; `commit` calls `made` once
    all writes of the transaction are there."""

    _ORDER: ClassVar[tuple[str, ...]] = ("check", "delete", "put", "update")

    operation: str
    apply: Callable[[TransactWrite], None]
    conflict: Callable[[], AppError]
    made: Callable[[], None] = lambda: None

    @property
    def rank(self) -> int:
        return self._ORDER.index(self.operation)


def put(item: Table, condition: Condition | None, conflict: Callable[[], AppError]) -> Write:
    return Write("put", lambda transaction: transaction.save(item, condition=condition), conflict)


def update(item: Table, actions: list[Action], condition: Condition | None, conflict: Callable[[], AppError]) -> Write:
    return Write("update", lambda transaction: transaction.update(item, actions, condition=condition), conflict)


def delete(item: Table, condition: Condition | None, conflict: Callable[[], AppError]) -> Write:
    return Write("delete", lambda transaction: transaction.delete(item, condition=condition), conflict)


def check(model: type[Table], keys: tuple[str, str], condition: Condition, conflict: Callable[[], AppError]) -> Write:
    return Write("check", lambda transaction: transaction.condition_check(model, *keys, condition=condition), conflict)


def commit(*writes: Write) -> None:
    """Make all writes or none, in one round trip.

    Raises the `conflict` of the first write whose condition does not hold, or `Unavailable` when other
    transactions kept touching the same items for all tries (full jitter, at most about 3 s in all).
    """
    # PynamoDB sends checks, deletes, puts, updates in this order, and reasons come back in the order sent.
    ordered = sorted(writes, key=lambda write: write.rank)
    for attempt in range(1, _TRIES + 1):
        failure = _try(ordered)
        if failure is None:
            for write in ordered:
                write.made()
            return
        _raise_first_conflict(ordered, failure)
        if attempt < _TRIES:
            time.sleep(_jitter(attempt))
    raise _busy()


def commit_each(writes: Sequence[Write]) -> set[int]:
    """Make every write whose condition holds, and say which of them, by their number, those are whose does not.

    100 writes of one operation a round trip, and one more where a condition does not hold. Raises `Unavailable`.
    """
    left, refused, attempt = dict(enumerate(writes)), set[int](), 0
    while left:
        some = list(left)[:_PER_TRANSACTION]
        failure = _try([left[number] for number in some])
        codes = _codes(failure) if failure else [None] * len(some)
        unmet = [number for number, code in zip(some, codes, strict=True) if code == "ConditionalCheckFailed"]
        refused.update(unmet)
        attempt = _waited(failure, attempt) if failure and not unmet else attempt
        for number in unmet if failure else some:
            del left[number]
    return refused


def _waited(failure: TransactWriteError, attempt: int) -> int:
    """Wait before another try of what others kept busy, and count it. Raises what failed for another reason."""
    if not _CONTENTION.intersection(cast(list[str], _codes(failure))):
        raise failure
    if attempt + 1 >= _TRIES:
        raise _busy()
    time.sleep(_jitter(attempt))
    return attempt + 1


def _try(ordered: list[Write]) -> TransactWriteError | None:
    try:
        with TransactWrite(connection=connection()) as transaction:
            for write in ordered:
                write.apply(transaction)
    except TransactWriteError as error:
        if not _codes(error):
            raise
        return error
    return None


def _codes(error: TransactWriteError) -> list[str | None]:
    return [reason.code if reason else None for reason in error.cancellation_reasons]


def _raise_first_conflict(ordered: list[Write], failure: TransactWriteError) -> None:
    codes = _codes(failure)
    for write, code in zip(ordered, codes, strict=True):
        if code == "ConditionalCheckFailed":
            raise write.conflict() from None
    if not _CONTENTION.intersection(cast(list[str], codes)):
        raise failure
