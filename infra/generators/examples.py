"""Examples in a document: calls that the tests make, with their answers (`events/examples`, see `tests/examples`)."""

import json

from infra.documents import EXAMPLES, Json, operations
from vitrine.kernel import errors
from vitrine.kernel.errors import AppError
from vitrine.kernel.surface import ErrorShape, Surface

ERRORS: tuple[AppError, ...] = (
    errors.BadRequest("The body is not JSON."),
    errors.Unauthenticated("Send a bearer token."),
    errors.PaymentRequired("The account has not enough credits left for this."),
    errors.Forbidden("Send an API key: a token cannot be exchanged for tokens.", code="api_key_required"),
    errors.NotFound("There is nothing of yours under this id."),
    errors.Conflict("The first request under this key is still running. Ask again shortly.", code="in_progress"),
    errors.TooLarge("A body may have at most 1,000,000 bytes here; files go by presigned upload."),
    errors.UnsupportedMediaType("Send application/json."),
    errors.Invalid.field("body.style", "unknown_style", "There is no such style."),
    errors.TooManyRequests("Too many requests. Try again in 12 seconds.", retry_after_s=12),
    errors.Unavailable("Too many changes to the same thing at once. Try again."),
)
"""One error of each status, for the documents."""
REQUEST_ID = "JKJaXmPLvHcESHA="


def show(document: Json, surface: Surface) -> None:
    """Put each route's recorded calls where OpenAPI has examples: parameters, bodies, answers."""
    path = EXAMPLES / f"{surface.name}.json"
    recorded: Json = json.loads(path.read_text()) if path.exists() else {}
    for operation in operations(document):
        for example in recorded.get(operation.route, []):
            _show(operation.body, example)


def of_error(status: str, shape: ErrorShape) -> Json:
    """The example of a status, as the surface itself would answer it; none for a status that nothing has."""
    known = shape.request_id(REQUEST_ID)
    shown = [shape.render(error, known) for error in ERRORS if str(error.status) == status]
    return {"example": shown[0]} if shown else {}


def _show(body: Json, example: Json) -> None:
    said = {"path": example.get("path", {}), "query": example.get("query", {})}
    for parameter in body["parameters"]:
        if (value := said.get(parameter["in"], {}).get(parameter["name"])) is not None:
            parameter["example"] = value
    _fill(body.get("requestBody", {}), example.get("body", {}))
    _fill(body["responses"].get(str(example["status"]), {}), example.get("answer", {}))


def _fill(shown: Json, by_media_type: Json) -> None:
    for media_type, value in by_media_type.items():
        if media_type in shown.get("content", {}):
            shown["content"][media_type]["example"] = value
