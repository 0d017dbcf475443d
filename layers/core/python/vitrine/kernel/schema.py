"""The DynamoDB tables, as data: infra creates them from here and the stores' models are tested against it.

Every table has the string keys `pk` and `sk`, a TTL on `expires_at`, and on demand capacity.
"""

from dataclasses import dataclass

TTL_ATTRIBUTE = "expires_at"


@dataclass(frozen=True)
class Index:
    """A global secondary index that projects all attributes."""

    name: str
    partition_key: str
    sort_key: str


@dataclass(frozen=True)
class TableSchema:
    name: str
    indexes: tuple[Index, ...] = ()
    streams: bool = False


GUARD = TableSchema("guard")
IDENTITY = TableSchema("identity")
ASSETS = TableSchema("assets", streams=True)
JOBS = TableSchema(
    "jobs",
    indexes=(Index("by_deadline", "open_shard", "deadline"), Index("by_batch", "batch", "pk")),
    streams=True,
)
BILLING = TableSchema("billing")
STAGING = TableSchema("staging")
ENGAGEMENT = TableSchema("engagement")

TABLES = (GUARD, IDENTITY, ASSETS, JOBS, BILLING, STAGING, ENGAGEMENT)
