"""All tables as one, for the rare call that an operator makes: read by scan, which no function may do.

A scan reads everything there is, for about $0.30 a pass over ten gigabytes (on demand, consistent). Queries would need
each context to say where its items are, and one that was forgotten would be personal data that stays.

| item    | table | pk       | sk      | also                          |
|---------|-------|----------|---------|-------------------------------|
| ERASURE | guard | ERASURES | subject | kept for good; names nobody   |
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from vitrine.kernel import schema, tables
from vitrine.trust import rules
from vitrine.trust.models import Erasure
from vitrine.trust.rules import Item

_ERASURES = "ERASURES"
_PER_WRITE = 25
_read = TypeDeserializer().deserialize


def table(name: str) -> str:
    """Raises `ConfigurationMissingError`."""
    return schema.TableSchema(name).deployed_name()


def items_of(names: Collection[str]) -> dict[str, list[Item]]:
    """Everything that belongs to whom these names name, by table; consistent, item by item."""
    return {known.name: list(_scan(known.name, names)) for known in schema.TABLES}


def delete(name: str, items: Collection[Item]) -> None:
    """Whatever of these is still there."""
    rest = iter(items)
    while some := list(islice(rest, _PER_WRITE)):
        requests: Any = [{"DeleteRequest": {"Key": _key(item)}} for item in some]
        while requests:
            answer = tables.client().batch_write_item(RequestItems={table(name): requests})
            requests = answer.get("UnprocessedItems", {}).get(table(name))


def erasure(subject: str) -> Erasure | None:
    answer = tables.client().get_item(TableName=table("guard"), Key=_erasure_key(subject), ConsistentRead=True)
    return Erasure.model_validate_json(answer["Item"]["body"]["S"]) if "Item" in answer else None


def keep(erasure: Erasure) -> None:
    body = {"kind": {"S": "ERASURE"}, "body": {"S": erasure.model_dump_json()}}
    tables.client().put_item(TableName=table("guard"), Item={**_erasure_key(erasure.subject), **body})


def _scan(name: str, names: Collection[str]) -> Iterator[Item]:
    values = {f":name{number}": {"S": each} for number, each in enumerate(names)}
    conditions = (f"contains({where}, {value})" for value in values for where in ("pk", "sk", "tenant", "body"))
    pages = (
        tables.client()
        .get_paginator("scan")
        .paginate(
            TableName=table(name),
            FilterExpression=" OR ".join(conditions),
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )
    )
    found = (_plain(item) for page in pages for item in page["Items"])
    return (item for item in found if rules.is_of(item, names))


def _plain(item: Mapping[str, Any]) -> Item:
    return {name: _read(value) for name, value in item.items()}


def _key(item: Item) -> dict[str, Any]:
    return {"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}}


def _erasure_key(subject: str) -> dict[str, Any]:
    return {"pk": {"S": _ERASURES}, "sk": {"S": subject}}
