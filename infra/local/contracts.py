"""`vitrine contracts`: write what we promise from the code: OpenAPI per surface, and a schema per event on the bus."""

import argparse
import importlib
import json
import os
from pathlib import Path
from typing import Any

from vitrine.kernel import environment
from vitrine.kernel.environment import Environment

EVENTS = Path(__file__).parents[2] / "events"
DOCUMENTS = EVENTS / "openapi"
SCHEMAS = EVENTS / "contracts"
SURFACES = {
    "realstaging": (
        "Real Staging API",
        "functions.realstaging_api",
        ("uploads", "images", "projects", "events", "webhooks"),
    ),
}
PUBLIC = {"realstaging": ("billing",)}
_ERRORS = {
    "400": "The request cannot be read",
    "401": "A valid credential is needed",
    "402": "Not enough credits",
    "404": "Not found, or somebody else's",
    "409": "Not possible in the present state; the first request under this `Idempotency-Key` may still be running",
    "413": "Too large",
    "415": "Not JSON",
    "422": "Some fields do not hold; `errors` lists them",
    "429": "Too many requests; `Retry-After` says when to come back",
    "503": "Not available right now; `Retry-After` says when to come back",
}
_OF_BODIES = {"400", "402", "409", "413", "415"}
_OF_GUARDS = {"401", "402", "404", "409", "429"}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Kept 24 hours: the same request under it is answered once, another is refused with 422.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_STRIPE_SIGNATURE = {
    "name": "Stripe-Signature",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
}
_ACCESS_TOKEN = {
    "name": "access_token",
    "in": "query",
    "description": "The bearer token, for a browser's EventSource, which can set no header (RFC 6750 section 2.3).",
    "schema": {"type": "string"},
}

Json = dict[str, Any]


def register(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "contracts", help="write events/openapi and events/contracts"
    )
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {path.relative_to(EVENTS.parent)}")
    return 0


def files() -> dict[Path, str]:
    """Every generated file with its text."""
    return {
        **{DOCUMENTS / f"{surface}.json": render(document(surface)) for surface in SURFACES},
        **{SCHEMAS / f"{name}.json": render(schema) for name, schema in event_schemas().items()},
    }


def event_schemas() -> dict[str, Json]:
    """JSON Schema of each detail type's `detail`."""
    _fill_environment()
    from vitrine.assets.events import UPLOAD_INSPECTED
    from vitrine.assets.models import AssetEvent
    from vitrine.jobs.models import JobEvent, JobEventType

    return {
        UPLOAD_INSPECTED: AssetEvent.model_json_schema(),
        **{kind.value: {**JobEvent.model_json_schema(), "title": kind.value} for kind in JobEventType},
    }


def render(document: Json) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def document(surface: str) -> Json:
    """One document for all of a surface's Lambdas. Imports their modules, filling in what their environment lacks."""
    _fill_environment()
    title, package, guarded = SURFACES[surface]
    merged: Json = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "0.1.0"},
        "paths": {},
        "components": {
            "schemas": {"Problem": _PROBLEM},
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"bearerAuth": []}],
    }
    for name in (*guarded, *PUBLIC[surface]):
        _merge(merged, _part(f"{package}.{name}"), public=name in PUBLIC[surface])
    return merged


def _part(module: str) -> Json:
    routes = importlib.import_module(module).api.routes
    part: Json = json.loads(routes.get_openapi_json_schema(title="part", version="0"))
    return part


def _merge(merged: Json, part: Json, *, public: bool) -> None:
    for path, operations in part["paths"].items():
        for method, operation in operations.items():
            _describe_errors(operation, has_body="requestBody" in operation or public, public=public)
            operation.setdefault("parameters", []).extend(_parameters(path, method, public=public))
            if public:
                operation["security"] = []
        merged["paths"].setdefault(path, {}).update(operations)
    schemas = part.get("components", {}).get("schemas", {})
    unused = {"HTTPValidationError", "ValidationError", "ResponseValidationError"}
    merged["components"]["schemas"].update({name: schema for name, schema in schemas.items() if name not in unused})


def _parameters(path: str, method: str, *, public: bool) -> list[Json]:
    """What the kernel and the handlers read of a request besides the route's own parameters."""
    if public:
        return [_STRIPE_SIGNATURE]
    if method in ("post", "patch"):
        return [_IDEMPOTENCY_KEY]
    return [_ACCESS_TOKEN] if path == "/api/v1/events" else []


def _describe_errors(operation: Json, *, has_body: bool, public: bool) -> None:
    """Powertools documents its own error shapes; ours are problem details, whatever the status."""
    for status in ("422", "500"):
        operation["responses"].pop(status, None)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    unseen = (set() if has_body else _OF_BODIES) | (_OF_GUARDS if public else set())
    if "204" in operation["responses"]:
        operation["responses"]["204"].pop("content", None)
    for status, description in _ERRORS.items():
        if status in unseen:
            continue
        operation["responses"][status] = {"description": description, "content": problem}
    operation["responses"]["default"] = {"description": "Another problem", "content": problem}


_PROBLEM: Json = {
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "kind", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "kind", "message")},
            },
        },
    },
}


def _fill_environment() -> None:
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    for group in vars(environment).values():
        if isinstance(group, type) and issubclass(group, Environment):
            for name, field in group.model_fields.items():
                if field.is_required():
                    os.environ.setdefault(f"VITRINE_{name.upper()}", "unset")
