"""RFC 9457 problem details: the error shape of the surfaces whose document gives none (realstaging)."""

from typing import Any

from vitrine.kernel.errors import AppError, Invalid

CONTENT_TYPE = "application/problem+json"
SCHEMA: dict[str, Any] = {
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


def render(error: AppError, request_id: str) -> dict[str, Any]:
    """`type` is a stable URN with the error's code; `errors` lists the fields of an `Invalid`."""
    problem: dict[str, Any] = {
        "type": f"urn:vitrine:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "request_id": request_id,
    }
    if isinstance(error, Invalid) and error.fields:
        problem["errors"] = [
            {"field": field.where, "kind": field.kind, "message": field.message} for field in error.fields
        ]
    return problem
