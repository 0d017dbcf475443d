"""Whatever went wrong, as one of our errors.

Powertools' own answers have three shapes, and blame the client for our mistakes.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
    ResponseValidationError,
)

from vitrine.kernel.errors import AppError, FieldError, Invalid, NotFound, UnsupportedMediaType
from vitrine.kernel.observability import crash_fields, logger


def crashed(error: Exception) -> AppError:
    logger.error("request crashed", **crash_fields(error))
    return AppError("Something went wrong on our side. The request id helps us to find out what.")


def _invalid(error: RequestValidationError) -> AppError:
    """Each failed field by where it is and what was wrong, without the value that was sent."""
    found = error.errors()
    fields = tuple(FieldError(".".join(map(str, part["loc"])), part["type"], _words(part)) for part in found)
    return Invalid("; ".join(f"{field.where}: {field.message}" for field in fields), fields=fields)


def _words(part: Mapping[str, Any]) -> str:
    return "There is no such field here." if part["type"] == "extra_forbidden" else str(part["msg"])


TRANSLATIONS: Mapping[type[Exception], Callable[[Any], AppError]] = {
    AppError: lambda error: cast(AppError, error),
    RequestValidationError: _invalid,
    RequestUnsupportedContentType: lambda _: UnsupportedMediaType("Send application/json."),
    NotFoundError: lambda _: NotFound("There is no such route."),
    # An invalid answer is our mistake; powertools would answer 422.
    ResponseValidationError: crashed,
    Exception: crashed,
}
