"""The document's error shape and codes. A case that the document has no code for gets one in the same style."""

from typing import Any

from vitrine.kernel.errors import AppError, FieldError, Invalid, Unauthenticated

CONTENT_TYPE = "application/json"
SCHEMA: dict[str, Any] = {
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
_DOCUMENT = {
    "unsupported_type": "INVALID_IMAGE_FORMAT",
    "not_an_image": "INVALID_IMAGE_FORMAT",
    "animated": "INVALID_IMAGE_FORMAT",
    "unreadable": "INVALID_IMAGE_FORMAT",
    "unreadable_file": "INVALID_IMAGE_FORMAT",
    "truncated": "INVALID_IMAGE_FORMAT",
    "empty_file": "INVALID_IMAGE_FORMAT",
    "form_too_large": "IMAGE_TOO_LARGE",
    "image_too_large": "IMAGE_TOO_LARGE",
    "too_many_pixels": "IMAGE_TOO_LARGE",
    "not_an_interior": "NOT_INTERIOR_IMAGE",
    "engine_failed": "AI_SERVICE_UNAVAILABLE",
    "engine_unavailable": "AI_SERVICE_UNAVAILABLE",
    "processing_timeout": "PROCESSING_TIMEOUT",
    "deadline_passed": "PROCESSING_TIMEOUT",
    "architecture_changed": "ARCHITECTURAL_INTEGRITY_FAILED",
    "api_key_required": "INVALID_API_KEY",
    "too_many_requests": "RATE_LIMIT_EXCEEDED",
    "staging_failed": "INTERNAL_ERROR",
    "inspection_failed": "INTERNAL_ERROR",
    "photo_not_stored": "INTERNAL_ERROR",
    # In the document's style, for what it does not name.
    "bad_request": "INVALID_REQUEST",
    "invalid": "INVALID_REQUEST",
    "too_large": "REQUEST_TOO_LARGE",
}
"""Ours on the left; whatever is not here is the same word in capitals."""


def document_code(code: str) -> str:
    """What the document calls one of our codes, of errors and of failed jobs alike."""
    return _DOCUMENT.get(code, code.upper())


def render(error: AppError, request_id: str) -> dict[str, Any]:
    """`details` says what was found in this case, and when nothing more is known, what kind of error it is."""
    return {
        "error": {
            "code": _code_of(error),
            "message": error.message,
            "details": error.details or _fields(error) or error.title,
            "request_id": request_id,
        }
    }


_OF_FIELDS = {
    "style": "INVALID_STYLE",
    "default_style": "INVALID_STYLE",
    "content_type": "INVALID_IMAGE_FORMAT",
    "file_size": "IMAGE_TOO_LARGE",
}
"""Of fields that are not valid, those that the document has a code for."""


def _code_of(error: AppError) -> str:
    """The document knows one code for a credential that does not hold, whatever is wrong with it; the message says."""
    if isinstance(error, Unauthenticated):
        return "INVALID_API_KEY"
    fields = error.fields if isinstance(error, Invalid) else ()
    return next(filter(None, map(_code_of_field, fields)), document_code(error.code))


def _code_of_field(field: FieldError) -> str | None:
    name = field.where.rpartition(".")[2]
    is_small = name == "file_size" and field.kind != "less_than_equal"
    return None if is_small else _OF_FIELDS.get(name)


def _fields(error: AppError) -> str:
    fields = error.fields if isinstance(error, Invalid) else ()
    return "; ".join(f"{field.where}: {field.message}" for field in fields)
