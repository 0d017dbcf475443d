"""AWS in this process (moto), with the tables and buckets that infra would create, made from the same schema."""

import copy
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast
from unittest.mock import patch

import boto3
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import LimitedSizeDict
from moto.dynamodb.models.table import StreamShard, Table
from moto.dynamodb.responses import DynamoHandler
from moto.events.models import events_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends

from vitrine.kernel import schema
from vitrine.kernel.schema import TableSchema

REGION = "us-east-1"
TOKEN_SECRETS = f"{'newest' * 11}\n{'older' * 13}\n"
BUCKETS = ("uploads", "media")
SECRETS = {
    "cursor-key": "a key for cursors",
    "key-pepper": "a pepper for keys",
    "token-secret": TOKEN_SECRETS,
    "signing-secret": f"{'signs' * 12}\n{'verifies' * 7}",
    "stripe-api-key": "rk_test_of_tests",
    "stripe-webhook-secret": "whsec_test_newest\nwhsec_test_older",
}
ACCOUNT = "123456789012"
_HELD: tuple[tuple[Any, str, str], ...] = (
    (dynamodb_backends, REGION, "tables"),
    (s3_backends, "aws", "buckets"),
    (events_backends, REGION, "event_buses"),
    (secretsmanager_backends, REGION, "secrets"),
)
"""Where moto keeps what `aws` makes."""
# mock_aws drops boto3's default session, and with it the parsed service models: 0.3 s a test.
_session = boto3.Session(region_name=REGION)


@cache
def client(service: str) -> Any:
    return cast(Any, _session).client(service)


@contextmanager
def aws() -> Iterator[None]:
    """Every table, both buckets, the bus and the secrets; empty, and gone afterwards."""
    made = _made()
    with mock_aws(), _serializable():
        for (backends, region, name), value in zip(_HELD, copy.deepcopy(made), strict=True):
            setattr(backends[ACCOUNT][region], name, value)
        s3_backends.bucket_accounts.update(dict.fromkeys(BUCKETS, ("aws", ACCOUNT)))
        yield


@cache
def _made() -> list[Any]:
    """What moto holds once all is created; a copy of it takes a millisecond, to create it takes 55."""
    with mock_aws():
        for table in schema.TABLES:
            create_table(table)
        for bucket in BUCKETS:
            client("s3").create_bucket(Bucket=bucket)
        client("events").create_event_bus(Name="status")
        for name, value in SECRETS.items():
            client("secretsmanager").create_secret(Name=name, SecretString=value)
        return [copy.deepcopy(getattr(backends[ACCOUNT][region], name)) for backends, region, name in _HELD]


@contextmanager
def _serializable() -> Iterator[None]:
    # moto rolls a failed transaction back by restoring a copy of the table, which undoes what other threads wrote
    # meanwhile. DynamoDB serialises, so one request at a time is closer to it.
    lock, answer = threading.Lock(), DynamoHandler.call_action

    def one_at_a_time(handler: DynamoHandler) -> Any:
        with lock:
            return answer(handler)

    with (
        patch.object(DynamoHandler, "call_action", one_at_a_time),
        patch.object(Table, "__deepcopy__", _copied, create=True),
        patch.object(StreamShard, "__deepcopy__", _shard_copied, create=True),
    ):
        yield


def _copied(table: Any, memo: dict[int, Any]) -> Any:
    """What moto keeps of a table for the case that a transaction fails: its items, and of those what an update would
    change in place. A copy of everything, the stream's whole past included, makes n transactions cost n squared."""
    made = copy.copy(table)
    made.items = defaultdict(dict)
    for key, items in table.items.items():
        made.items[key] = {sort: _item_copied(item) for sort, item in items.items()}
    if getattr(table, "stream_shard", None) is not None:
        made.stream_shard = copy.deepcopy(table.stream_shard, memo)
        made.stream_shard.table = made
    return made


def _item_copied(item: Any) -> Any:
    made, attributes = copy.copy(item), LimitedSizeDict()
    for name, value in item.attrs.items():
        dict.__setitem__(attributes, name, value if isinstance(value.value, str) else copy.deepcopy(value))
    made.attrs = attributes
    return made


def _shard_copied(shard: Any, _memo: dict[int, Any]) -> Any:
    made = copy.copy(shard)
    made.items = list(shard.items)
    return made


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
