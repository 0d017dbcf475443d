"""A surface's OpenAPI document, from its routes: their models as powertools documents them, and their policies."""

import importlib
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from infra.documents import Json, Operation, operations
from infra.generators import answers, examples, guide, nulls
from vitrine.kernel import environment
from vitrine.kernel.environment import Environment
from vitrine.kernel.http import Policy, Repeat
from vitrine.kernel.http.once import KEY_PATTERN
from vitrine.kernel.schema import TABLES
from vitrine.kernel.surface import Surface

KEY_SCHEMA: Json = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": f"^{KEY_PATTERN}$"}
_THEIRS = "Successful Response"
SUCCESSES = {"200": "Done", "201": "Made", "202": "Taken; the work goes on", "204": "Done; there is no content"}
"""What an answer means whose route says nothing of it."""
_OF_BODIES = {400, 402, 409, 413, 415}
_OF_CALLERS = {401, 402, 403, 404, 409, 429}
_UNUSED = {"HTTPValidationError", "ValidationError", "ResponseValidationError"}


def document(surface: Surface) -> Json:
    """One document for all of a surface's Lambdas. Imports their modules, filling in what their environment lacks."""
    fill_environment()
    error = surface.errors.schema
    bearer = {"bearerAuth": {"type": "http", "scheme": "bearer", **(surface.callers.bearer if surface.callers else {})}}
    merged: Json = {
        "openapi": "3.1.0",
        "info": {"title": surface.title, "version": surface.version, "description": guide.text(surface)},
        "paths": {},
        "components": {
            "schemas": {error["title"]: error},
            "responses": _errors(surface),
            "securitySchemes": bearer,
        },
        "security": [{"bearerAuth": []}],
    }
    policies: dict[str, Policy] = {}
    for function in surface.functions:
        api = importlib.import_module(f"{surface.package}.{function.name}").api
        part: Json = json.loads(api.routes.get_openapi_json_schema(title="part", version="0"))
        _merge(merged, part, function.name)
        policies |= api.policies
    for operation in operations(merged):
        _complete(operation, policies[operation.route], surface)
        _offer_json(operation.body, merged["components"]["schemas"])
    nulls.allow(merged)
    _link(merged, policies)
    examples.show(merged, surface)
    return merged


def fill_environment() -> None:
    """Whatever a module asks of its environment as it is imported."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    for group in vars(environment).values():
        if isinstance(group, type) and issubclass(group, Environment):
            for name, field in group.model_fields.items():
                if field.is_required():
                    os.environ.setdefault(f"VITRINE_{name.upper()}", "unset")
    for table in TABLES:
        os.environ.setdefault(table.variable, "unset")


def _merge(merged: Json, part: Json, function: str) -> None:
    schemas = part.get("components", {}).get("schemas", {})
    merged["components"]["schemas"].update({name: schema for name, schema in schemas.items() if name not in _UNUSED})
    for path, methods in part["paths"].items():
        for operation in methods.values():
            operation["x-function"] = function
        merged["paths"].setdefault(path, {}).update(methods)


def _complete(operation: Operation, policy: Policy, surface: Surface) -> None:
    """What powertools does not know of a route: its policy, and the errors of everything around it."""
    body = operation.body
    _describe_errors(body, policy, surface)
    parameters = [*body.get("parameters", []), *_parameters(policy, surface)]
    body["parameters"] = parameters
    answers.describe(operation, policy)
    if policy.is_public:
        body["security"] = []
    body |= {
        "x-allow": policy.allow.value,
        "x-repeat": policy.repeat.value,
        "x-brings-work": policy.brings_work,
        "x-round-trips": policy.round_trips,
    }
    if policy.allow.roles is not None:
        body["x-roles"] = sorted(policy.allow.roles)
    for name, limit in (("x-limit", policy.limit), ("x-rate", policy.rate)):
        if limit:
            body[name] = vars(limit)


def _parameters(policy: Policy, surface: Surface) -> list[Json]:
    takes_key = policy.repeat is not Repeat.NOT_TAKEN
    return [*policy.parameters, *([_key(surface)] if takes_key else []), *_token_parameter(policy)]


def _key(surface: Surface) -> Json:
    refused = surface.errors.status(422)
    about = f"Kept 24 hours: the same request under it is answered once, another is refused with {refused}."
    return {"name": "Idempotency-Key", "in": "header", "description": about, "schema": KEY_SCHEMA}


def _token_parameter(policy: Policy) -> list[Json]:
    if policy.token_parameter is None:
        return []
    about = "The bearer token, for a browser's EventSource, which can set no header (RFC 6750 section 2.3)."
    return [{"name": policy.token_parameter, "in": "query", "description": about, "schema": {"type": "string"}}]


def _describe_errors(body: Json, policy: Policy, surface: Surface) -> None:
    """Powertools documents its own error shapes; ours are the surface's, whatever the status."""
    answers = body["responses"]
    for theirs in ("422", "500"):
        answers.pop(theirs, None)
    for empty in ("204", "304"):
        answers.get(empty, {}).pop("content", None)
    for status, answer in answers.items():
        if answer["description"] == _THEIRS:
            answer["description"] = SUCCESSES[status]
    seen = [str(status) for status in surface.errors.descriptions if status not in _unseen(body, policy)]
    for status in (*seen, "default"):
        answers[status] = {"$ref": f"#/components/responses/Error{status}"}


def _errors(surface: Surface) -> Json:
    """The answers of every error, by the names under which operations have them."""
    errors = surface.errors
    schema = {"$ref": f"#/components/schemas/{errors.schema['title']}"}
    described = {**{str(status): text for status, text in errors.descriptions.items()}, "default": "Another problem"}
    return {
        f"Error{status}": {
            "description": description,
            "content": {errors.content_type: {"schema": schema, **examples.of_error(status, errors)}},
        }
        for status, description in described.items()
    }


def _unseen(body: Json, policy: Policy) -> set[int]:
    """The errors that a route cannot have."""
    of_bodies = set() if "requestBody" in body else _OF_BODIES
    return (of_bodies | (_OF_CALLERS if policy.is_public else set())) - set(policy.errors)


def _link(merged: Json, policies: Mapping[str, Policy]) -> None:
    """OpenAPI links: which answers name what other routes take. Raises KeyError for a route that is not there."""
    found = {operation.route: operation.body for operation in operations(merged)}
    for route, policy in policies.items():
        ids = {target: found[target]["operationId"] for target in policy.leads_to or {}}
        links = {ids[target]: _to(ids[target], where) for target, where in (policy.leads_to or {}).items()}
        for status, answer in found[route]["responses"].items():
            if links and status.startswith("2"):
                answer["links"] = links


def _to(operation_id: str, where: Mapping[str, str]) -> Json:
    return {"operationId": operation_id, "parameters": dict(where)}


def _offer_json(operation: Json, schemas: Json) -> None:
    """A route that takes a form takes the same in JSON, with text where the form has files. A form knows no null."""
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" not in content:
        return
    name = content["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]
    in_json = name.replace("Form", "Request")
    schemas[in_json] = {**_narrowed(schemas[name], _without_files), "title": in_json}
    schemas[name] = _narrowed(schemas[name], _of_a_form)
    content["application/json"] = {"schema": {"$ref": f"#/components/schemas/{in_json}"}}


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
