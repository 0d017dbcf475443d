"""The stores of this process on the emulator's DynamoDB: exact under concurrency, which moto's is not.

The tables are made beside the deployed ones, from the same schema and under the names that tests/conftest.py tells.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from infra.local import emulator
from tests.support.cloud import create_table
from vitrine.billing import service as billing
from vitrine.kernel import schema, tables


@contextmanager
def on_emulator(port: int) -> Iterator[None]:
    """Within the block every store reads and writes there, in empty tables."""
    client = emulator.client("dynamodb", port)
    _drop(client)
    for table in schema.TABLES:
        create_table(table, client)
    where = {**emulator.CREDENTIALS, "AWS_ENDPOINT_URL": emulator.url(port)}
    with patch.dict("os.environ", where), patch.object(tables, "_connection", None):
        billing.forget_provisioned()
        yield
        billing.forget_provisioned()
    _drop(client)


def _drop(client: Any) -> None:
    """A run that was killed may have left them."""
    for name in {table.name for table in schema.TABLES} & set(client.list_tables()["TableNames"]):
        client.delete_table(TableName=name)
