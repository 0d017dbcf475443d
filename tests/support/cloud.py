"""AWS in this process (moto), with the tables and buckets that infra would create, made from the same schema."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast
from unittest.mock import patch

import boto3
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler

from vitrine.kernel import schema
from vitrine.kernel.schema import TableSchema

REGION = "us-east-1"
TOKEN_SECRETS = f"{'newest' * 11}\n{'older' * 13}\n"
# mock_aws drops boto3's default session, and with it the parsed service models: 0.3 s a test.
_session = boto3.Session(region_name=REGION)


@cache
def client(service: str) -> Any:
    return cast(Any, _session).client(service)


@contextmanager
def aws() -> Iterator[None]:
    """Every table, both buckets, the bus and the secrets; empty, and gone afterwards."""
    with mock_aws(), _serializable():
        for table in schema.TABLES:
            create_table(table)
        s3 = client("s3")
        for bucket in ("uploads", "media"):
            s3.create_bucket(Bucket=bucket)
        client("events").create_event_bus(Name="status")
        secrets = client("secretsmanager")
        secrets.create_secret(Name="cursor-key", SecretString="a key for cursors")
        secrets.create_secret(Name="key-pepper", SecretString="a pepper for keys")
        secrets.create_secret(Name="token-secret", SecretString=TOKEN_SECRETS)
        secrets.create_secret(Name="stripe-webhook-secret", SecretString="whsec_test_newest\nwhsec_test_older")
        yield


@contextmanager
def _serializable() -> Iterator[None]:
    # moto rolls a failed transaction back by restoring a copy of the table, which undoes what other threads wrote
    # meanwhile. DynamoDB serialises, so one request at a time is closer to it.
    lock, answer = threading.Lock(), DynamoHandler.call_action

    def one_at_a_time(handler: DynamoHandler) -> Any:
        with lock:
            return answer(handler)

    with patch.object(DynamoHandler, "call_action", one_at_a_time):
        yield


def create_table(table: TableSchema, dynamodb: Any = None) -> None:
    """In moto, or where `dynamodb`, a client, points to."""
    keys = {"pk", "sk"} | {key for index in table.indexes for key in (index.partition_key, index.sort_key)}
    extra: dict[str, Any] = {}
    if table.indexes:
        extra["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.name,
                "KeySchema": _key_schema(index.partition_key, index.sort_key),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in table.indexes
        ]
    if table.streams:
        extra["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    (dynamodb or client("dynamodb")).create_table(
        TableName=table.name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
        KeySchema=_key_schema("pk", "sk"),
        BillingMode="PAY_PER_REQUEST",
        **extra,
    )


def _key_schema(partition: str, sort: str) -> Any:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
