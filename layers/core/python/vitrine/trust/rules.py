"""What is whose, what an export shows of it, and under which name an erasure is remembered."""

import base64
import hashlib
import json
import re
import uuid
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

NOT_EXPORTED = frozenset({"TOKEN", "MEMBER"})
"""Kinds of items about our own machinery, which say nothing about anybody."""
SECRET = frozenset({"answer", "code_hash", "digest", "lookup", "secret", "secrets", "seed", "token", "used_digest"})
"""Attributes that would let a reader of the copy in, or help them to; a kept answer may show a secret once more."""

_ORGANISATION = re.compile("ten_([0-9a-f]{32})")
Item = Mapping[str, Any]


def subject_of(tenant: str) -> str:
    return hashlib.sha256(f"erasure/{tenant}".encode()).hexdigest()


def is_of(item: Item, names: Collection[str]) -> bool:
    """Whether an item belongs to whom these names name: by a part of its key, an attribute, or what its body says."""
    parts = {*str(item["pk"]).split("#"), *str(item["sk"]).split("#"), item.get("tenant")}
    return not parts.isdisjoint(names) or any(f'"{name}"' in str(item.get("body", "")) for name in names)


def aliases(items: Mapping[str, list[Item]]) -> set[str]:
    """Other names under which there may be items of the same tenant: its customers at Stripe."""
    customers = (str(item["pk"]) for item in items.get("billing", ()))
    return {key.partition("#")[2] for key in customers if key.startswith("CUSTOMER#")}


def places(tenant: str) -> tuple[str, ...]:
    """What the keys of a tenant's objects have after their first folder. An organisation's clients know it by the UUID
    of its tenant, and its contract writes that into keys."""
    found = _ORGANISATION.fullmatch(tenant)
    org_id = str(uuid.UUID(found[1])) if found else None
    return (f"{tenant}/", *((f"{org_id}/", f"org/{org_id}/") if org_id else ()))


def exported(item: Item) -> dict[str, Any] | None:
    """An item as its owner may read it: bodies as JSON, without secrets. None for what is none of theirs."""
    if item.get("kind") in NOT_EXPORTED or str(item["pk"]).startswith("HOLDER#"):
        return None
    return {name: _readable(value) for name, value in item.items() if name not in SECRET}


def _readable(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("{"):
        try:
            return _without_secrets(json.loads(value))
        except ValueError:
            return value
    return _plain(value)


def _without_secrets(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _without_secrets(value) for name, value in document.items() if name not in SECRET}
    if isinstance(document, list):
        return [_without_secrets(each) for each in document]
    return document


def _plain(value: Any) -> Any:
    """DynamoDB's numbers, sets and bytes as JSON has them."""
    if isinstance(value, set | frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
