"""JSON bodies may say null for every optional field (`vitrine.kernel.http.nulls`); the document says so."""

from collections.abc import Iterable, Iterator
from typing import Any

from infra.documents import Json, operations

_ABOUT = ("title", "description", "default", "examples")
_SCHEMAS = "#/components/schemas/"


def allow(document: Json) -> None:
    """What bodies share with answers is copied first, as `Sent…`: answers have no more nulls than before."""
    schemas: Json = document["components"]["schemas"]
    bodies = list(_json_bodies(document))
    answers = [operation.body["responses"] for operation in operations(document)]
    sent = _objects(schemas, _reached(schemas, bodies))
    shared = sent & _reached(schemas, answers)
    schemas |= {f"Sent{name}": {**schemas[name], "title": f"Sent{name}"} for name in shared}
    _rename(bodies, shared)
    for name in sent:
        used = schemas[f"Sent{name}" if name in shared else name]
        _rename(used, shared)
        used["properties"] = _with_nulls(used)


def _json_bodies(document: Json) -> Iterator[Json]:
    for operation in operations(document):
        content = operation.body.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            yield content["application/json"]


def _objects(schemas: Json, names: Iterable[str]) -> set[str]:
    return {name for name in names if "properties" in schemas[name]}


def _reached(schemas: Json, starts: Any) -> set[str]:
    """The components that are named there, or by one that is."""
    found: set[str] = set()
    wanted = list(_names(starts))
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += _names(schemas[name])
    return found


def _names(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if str(part.get("$ref", "")).startswith(_SCHEMAS):
            yield part["$ref"].removeprefix(_SCHEMAS)
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _names(each)


def _rename(part: Any, shared: set[str]) -> None:
    for each in part if isinstance(part, list) else part.values():
        if isinstance(each, dict | list):
            _rename(each, shared)
    if isinstance(part, dict) and str(part.get("$ref", "")).removeprefix(_SCHEMAS) in shared:
        part["$ref"] = f"{_SCHEMAS}Sent{part['$ref'].removeprefix(_SCHEMAS)}"


def _with_nulls(schema: Json) -> Json:
    required = schema.get("required", [])
    return {name: each if name in required else _or_null(each) for name, each in schema["properties"].items()}


def _or_null(schema: Json) -> Json:
    if {"type": "null"} in schema.get("anyOf", []):
        return schema
    about = {name: schema[name] for name in _ABOUT if name in schema}
    kind = {name: part for name, part in schema.items() if name not in about}
    return {**about, "anyOf": [kind, {"type": "null"}]}
