"""The DynamoDB tables, each declared once: from here come the deployed table with its alarms, the variable that names
it to functions, operators' commands and tests, and the table that a test's store stands on.

Every table has the string keys `pk` and `sk`, a TTL on `expires_at`, and on demand capacity.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from vitrine.kernel.environment import ConfigurationMissingError, Environment

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

    @property
    def variable(self) -> str:
        """The environment variable that holds the deployed table's name."""
        return f"VITRINE_{self.name.upper()}_TABLE"

    def deployed_name(self, variables: Mapping[str, str] = os.environ) -> str:
        """Raises `ConfigurationMissingError`: a store asks as it is imported, so its function fails its cold start."""
        if self.variable not in variables:
            raise ConfigurationMissingError(f"The table {self.name} needs {self.variable}")
        return variables[self.variable]


class TableNames(Environment):
    """The deployed names of tables, by the names that they have here."""

    deployed: dict[str, str]

    def variables(self) -> dict[str, str]:
        return {TableSchema(name).variable: deployed for name, deployed in self.deployed.items()}


GUARD = TableSchema("guard")
IDENTITY = TableSchema("identity")
ASSETS = TableSchema("assets", streams=True)
JOBS = TableSchema(
    "jobs",
    indexes=(Index("by_deadline", "open_shard", "deadline"), Index("by_batch", "batch", "pk")),
    streams=True,
)
BILLING = TableSchema("billing", indexes=(Index("by_time", "pk", "at"),))
STAGING = TableSchema("staging", streams=True)
CAPTURE = TableSchema("capture", indexes=(Index("by_order", "stream", "at"),), streams=True)
ENGAGEMENT = TableSchema("engagement")

TABLES = (GUARD, IDENTITY, ASSETS, JOBS, BILLING, STAGING, CAPTURE, ENGAGEMENT)
