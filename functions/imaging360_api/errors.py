"""The document's error shape and codes. A case that the document has no code for gets one in the same style."""

import uuid
from typing import Any

from vitrine.kernel.errors import AppError, Invalid

CONTENT_TYPE = "application/json"
_DETAILS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": True,
    "description": "What was found in this case. After a validation error: `fields`.",
    "properties": {
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "kind", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "kind", "message")},
            },
        }
    },
}
SCHEMA: dict[str, Any] = {
    "title": "Error",
    "type": "object",
    "required": ["error", "request_id"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details"],
            "properties": {
                "code": {
                    "type": "string",
                    "description": "VALIDATION_ERROR, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, RATE_LIMIT_EXCEEDED, "
                    "INTERNAL_SERVER_ERROR, and others in their style.",
                },
                "message": {"type": "string"},
                "details": _DETAILS,
            },
        },
        "request_id": {"type": "string", "format": "uuid"},
    },
}
STATUSES = {422: 400}
"""The document has one status for whatever is wrong with a request."""
_DOCUMENT = {
    "bad_request": "VALIDATION_ERROR",
    "invalid": "VALIDATION_ERROR",
    "unauthenticated": "UNAUTHORIZED",
    "too_many_requests": "RATE_LIMIT_EXCEEDED",
    "internal_error": "INTERNAL_SERVER_ERROR",
}
"""Ours on the left; whatever is not here is the same word in capitals."""
_REQUESTS = uuid.UUID("b3c1f7a2-52e5-4c0e-9d7a-0f7d7c1e6a41")


def document_code(code: str) -> str:
    """What the document calls one of our codes."""
    return _DOCUMENT.get(code, code.upper())


def request_id(gateways: str) -> str:
    """The document's ids of requests are UUIDs. Made of the gateway's own, so that its access log is found by it."""
    return str(uuid.uuid5(_REQUESTS, gateways))


def render(error: AppError, request_id: str) -> dict[str, Any]:
    """`details` says what was found in this case; it is empty when there is nothing more to say."""
    return {
        "error": {"code": document_code(error.code), "message": error.message, "details": _details(error)},
        "request_id": request_id,
    }


def _details(error: AppError) -> dict[str, Any]:
    fields = error.fields if isinstance(error, Invalid) else ()
    named = [{"field": field.where, "kind": field.kind, "message": field.message} for field in fields]
    return {
        **error.data,
        **({"found": error.details} if error.details else {}),
        **({"fields": named} if named else {}),
    }
