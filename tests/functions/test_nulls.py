"""`null` for an optional field of a body is taken as if the field were not there: for every field of every document."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from functions.surfaces import SURFACES
from infra.documents import Json, Operation, load
from tests.functions.test_every_route import signed_in
from tests.support.surfaces import EVERY, call
from vitrine.kernel.surface import Surface

Field = tuple[str, ...]


def body_schema(surface: Surface, operation: Operation) -> Json:
    document = load(surface)
    named = operation.body["requestBody"]["content"]["application/json"]["schema"]
    return {**resolved(document, named), "components": document["components"]}


def resolved(document: Json, schema: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Json = document["components"]["schemas"][name] if name else schema
    return found


def optional(document: Json, schema: Json, within: Field = ()) -> Iterator[Field]:
    """The path of every optional field, in objects within objects too."""
    for name, each in schema.get("properties", {}).items():
        if name not in schema.get("required", []):
            yield (*within, name)
        for part in (each, *each.get("anyOf", [])):
            if "$ref" in part:
                yield from optional(document, resolved(document, part), (*within, name))


def cases() -> Iterator[tuple[Surface, Operation, Field]]:
    for surface, operation in EVERY:
        if operation.takes_json:
            schema = body_schema(surface, operation)
            yield from ((surface, operation, field) for field in optional(schema, schema))


CASES = list(cases())
IDS = [f"{surface.name} {operation.route} {'.'.join(field)}" for surface, operation, field in CASES]


def saying_nothing(operation: Operation, field: Field) -> Any:
    """The documented example without the field that this one is, or is within."""
    shown = operation.body["requestBody"]["content"]["application/json"]["example"]
    return {name: value for name, value in shown.items() if name != field[0]}


def saying_null(operation: Operation, field: Field) -> Any:
    """The documented example, with null there."""
    body: Any = None
    for name in reversed(field):
        body = {name: body}
    return {**saying_nothing(operation, field), **body}


def faults(surface: Surface, operation: Operation, body: Any) -> set[str]:
    """The fields that the answer complains of: what the example names is somebody else's, and some must be said."""
    reply = call(surface, operation.route, token=signed_in(surface), body=body)
    assert reply.status < 500
    return {part.strip().partition(":")[0] for part in reply.text.split("body.")[1:]} if reply.status == 422 else set()


@pytest.mark.parametrize(("surface", "operation", "field"), CASES, ids=IDS)
def test_null_for_an_optional_field_is_allowed_and_taken(surface: Surface, operation: Operation, field: Field) -> None:
    body = saying_null(operation, field)
    jsonschema.Draft202012Validator(body_schema(surface, operation)).validate(body)
    assert faults(surface, operation, body) == faults(surface, operation, saying_nothing(operation, field))


def test_there_are_such_fields_on_every_surface_and_within_other_fields() -> None:
    assert {surface.name for surface, _, _ in CASES} == {surface.name for surface in SURFACES}
    assert ("notification_preferences", "processing_updates") in {field for _, _, field in CASES}
