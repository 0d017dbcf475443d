"""`vitrine contracts`: write what we promise from the code: OpenAPI per surface, and a schema per event on the bus."""

import argparse
import importlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.links import add_links
from vitrine.kernel import environment
from vitrine.kernel.environment import Environment

EVENTS = Path(__file__).parents[2] / "events"
DOCUMENTS = EVENTS / "openapi"
SCHEMAS = EVENTS / "contracts"
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Kept 24 hours: the same request under it is answered once, another is refused with 422.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
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
_OF_BODIES = {"400", "402", "409", "413", "415"}
_OF_GUARDS = {"401", "402", "403", "404", "409", "429"}
_ERRORS = {
    "400": "The request cannot be read",
    "401": "A valid credential is needed",
    "404": "Not found, or somebody else's",
    "409": "Not possible in the present state; the first request under this `Idempotency-Key` may still be running",
    "413": "Too large",
    "429": "Too many requests; `Retry-After` says when to come back",
    "503": "Not available right now; `Retry-After` says when to come back",
}
_PROBLEM: dict[str, Any] = {
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
_ERROR: dict[str, Any] = {
    "title": "Error",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details", "request_id"],
            "properties": {
                "code": {
                    "type": "string",
                    "description": "INVALID_IMAGE_FORMAT, IMAGE_TOO_LARGE, INVALID_STYLE, NOT_INTERIOR_IMAGE, "
                    "AI_SERVICE_UNAVAILABLE, PROCESSING_TIMEOUT, ARCHITECTURAL_INTEGRITY_FAILED, INVALID_API_KEY, "
                    "RATE_LIMIT_EXCEEDED, USAGE_LIMIT_EXCEEDED, INTERNAL_ERROR, MAINTENANCE_MODE, and others in "
                    "their style.",
                },
                "message": {"type": "string"},
                "details": {"type": "string"},
                "request_id": {"type": "string"},
            },
        }
    },
}


@dataclass(frozen=True)
class Surface:
    """What a surface's document holds: the modules of its Lambdas, its errors, and which operations anyone may call.

    `public` names them as `get /path`; `sent` are parameters that the kernel and the handlers read of a request besides
    the route's own, by operation; `also` are errors that a public operation has nonetheless; `bearer` says what a
    bearer token is.
    """

    title: str
    package: str
    modules: tuple[str, ...]
    public: frozenset[str]
    error: dict[str, Any]
    error_type: str
    errors: dict[str, str]
    bearer: dict[str, str]
    sent: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    also: dict[str, set[str]] = field(default_factory=dict)


SURFACES = {
    "realstaging": Surface(
        title="Real Staging API",
        package="functions.realstaging_api",
        modules=("uploads", "images", "projects", "events", "webhooks", "billing"),
        public=frozenset({"post /api/v1/stripe/webhook"}),
        error=_PROBLEM,
        error_type="application/problem+json",
        errors={
            **_ERRORS,
            "402": "Not enough credits",
            "415": "Not JSON",
            "422": "Some fields do not hold; `errors` lists them",
        },
        bearer={"bearerFormat": "JWT"},
        sent={"post /api/v1/stripe/webhook": [_STRIPE_SIGNATURE], "get /api/v1/events": [_ACCESS_TOKEN]},
    ),
    "stagecraft": Surface(
        title="StageCraft AI API",
        package="functions.stagecraft_api",
        modules=("staging", "batches", "uploads", "styles", "account", "auth", "health", "webhooks"),
        public=frozenset(
            {
                "get /api/styles",
                "get /api/styles/{style_id}/preview",
                "get /api/health",
                "post /api/auth/refresh",
            }
        ),
        error=_ERROR,
        error_type="application/json",
        errors={
            **_ERRORS,
            "400": "The request cannot be read, or its photo is none: INVALID_IMAGE_FORMAT",
            "401": "INVALID_API_KEY",
            "403": "Not allowed with this credential",
            "413": "IMAGE_TOO_LARGE: send it by `POST /api/uploads/presign`",
            "415": "Neither JSON nor, where a photo is sent, a form",
            "422": "Some fields do not hold, such as INVALID_STYLE",
            "429": "RATE_LIMIT_EXCEEDED or USAGE_LIMIT_EXCEEDED; `Retry-After` says when to come back",
            "503": "Not available right now, such as MAINTENANCE_MODE; `Retry-After` says when to come back",
        },
        also={"get /api/styles/{style_id}/preview": {"404"}, "post /api/auth/refresh": {"401"}},
        bearer={"description": "An API key (`sck_…`), or an access token of `POST /api/auth/token`"},
    ),
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
    about = SURFACES[surface]
    merged: Json = {
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": "0.1.0"},
        "paths": {},
        "components": {
            "schemas": {about.error["title"]: about.error},
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer", **about.bearer}},
        },
        "security": [{"bearerAuth": []}],
    }
    for name in about.modules:
        _merge(merged, _part(f"{about.package}.{name}"), about)
    add_links(merged, surface)
    return merged


def _part(module: str) -> Json:
    routes = importlib.import_module(module).api.routes
    part: Json = json.loads(routes.get_openapi_json_schema(title="part", version="0"))
    return part


def _merge(merged: Json, part: Json, about: Surface) -> None:
    schemas = part.get("components", {}).get("schemas", {})
    unused = {"HTTPValidationError", "ValidationError", "ResponseValidationError"}
    merged["components"]["schemas"].update({name: schema for name, schema in schemas.items() if name not in unused})
    for path, operations in part["paths"].items():
        for method, operation in operations.items():
            _complete(operation, f"{method} {path}", about)
            _offer_json(operation, merged["components"]["schemas"])
        merged["paths"].setdefault(path, {}).update(operations)


def _complete(operation: Json, name: str, about: Surface) -> None:
    """What the routes themselves do not know: errors, who may call, what the kernel reads of a request."""
    public = name in about.public
    _describe_errors(operation, about, _unseen(operation, name, about))
    operation.setdefault("parameters", []).extend(_sent(name, about, public=public))
    if public:
        operation["security"] = []


def _sent(name: str, about: Surface, *, public: bool) -> list[Json]:
    if name in about.sent:
        return about.sent[name]
    return [_IDEMPOTENCY_KEY] if name.startswith(("post ", "patch ")) and not public else []


def _unseen(operation: Json, name: str, about: Surface) -> set[str]:
    """The errors that an operation cannot have."""
    public = name in about.public
    # Stripe's webhook reads its body itself.
    has_body = "requestBody" in operation or (public and name.startswith("post "))
    return ((set() if has_body else _OF_BODIES) | (_OF_GUARDS if public else set())) - about.also.get(name, set())


def _describe_errors(operation: Json, about: Surface, unseen: set[str]) -> None:
    """Powertools documents its own error shapes; ours are the surface's, whatever the status."""
    for status in ("422", "500"):
        operation["responses"].pop(status, None)
    content = {about.error_type: {"schema": {"$ref": f"#/components/schemas/{about.error['title']}"}}}
    for status in ("204", "304"):
        operation["responses"].get(status, {}).pop("content", None)
    for status, description in about.errors.items():
        if status not in unseen:
            operation["responses"][status] = {"description": description, "content": content}
    operation["responses"]["default"] = {"description": "Another problem", "content": content}


def _offer_json(operation: Json, schemas: Json) -> None:
    """A route that takes a form takes the same in JSON, with text where the form has files. A form knows no null."""
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" not in content:
        return
    name = content["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]
    told = name.replace("Form", "Request")
    schemas[told] = {**_narrowed(schemas[name], _without_files), "title": told}
    schemas[name] = _narrowed(schemas[name], _of_a_form)
    content["application/json"] = {"schema": {"$ref": f"#/components/schemas/{told}"}}


def _narrowed(schema: Any, choose: Callable[[list[Json]], list[Json]]) -> Any:
    """The schema with fewer alternatives wherever it has some; what is left alone needs no `anyOf`."""
    if isinstance(schema, list):
        return [_narrowed(part, choose) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _narrowed(part, choose) for name, part in schema.items()}
    if "anyOf" not in inner:
        return inner
    chosen = choose(inner.pop("anyOf"))
    return {**inner, **chosen[0]} if len(chosen) == 1 else {**inner, "anyOf": chosen}


def _without_files(parts: list[Json]) -> list[Json]:
    return [part for part in parts if not _is_file(part)]


def _of_a_form(parts: list[Json]) -> list[Json]:
    files = [part for part in parts if _is_file(part)]
    return files or [part for part in parts if part.get("type") != "null"]


def _is_file(schema: Json) -> bool:
    return schema.get("format") == "binary"


def _fill_environment() -> None:
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    for group in vars(environment).values():
        if isinstance(group, type) and issubclass(group, Environment):
            for name, field in group.model_fields.items():
                if field.is_required():
                    os.environ.setdefault(f"VITRINE_{name.upper()}", "unset")
