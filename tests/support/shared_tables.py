"""The stores of this process on the emulator's DynamoDB: exact under concurrency, which moto's is not.

The tables are made beside the deployed ones, from the same schema and under the names that tests/conftest.py tells.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any
from unittest.mock import patch

from infra.local import emulator
from tests.support.cloud import TOKEN_SECRETS, create_table
from vitrine.billing import service as billing
from vitrine.kernel import schema, secrets, tables


@contextmanager
def on_emulator(port: int) -> Iterator[None]:
    """Within the block every store reads and writes there, in empty tables."""
    client = emulator.client("dynamodb", port)
    _drop(client)
    for table in schema.TABLES:
        create_table(table, client)
    known = {"key-pepper": (inf, "a pepper for keys"), "token-secret": (inf, TOKEN_SECRETS)}
    where = {**emulator.CREDENTIALS, "AWS_ENDPOINT_URL": emulator.url(port)}
    with (
        patch.dict("os.environ", where),
        patch.object(tables, "_connection", None),
        # Secrets are no part of what is shared, and their client may be one of moto's.
        patch.object(secrets, "_values", known),
    ):
        billing.forget_provisioned()
        yield
        billing.forget_provisioned()
    _drop(client)


def _drop(client: Any) -> None:
    """A run that was killed may have left them."""
    for name in {table.name for table in schema.TABLES} & set(client.list_tables()["TableNames"]):
        client.delete_table(TableName=name)
