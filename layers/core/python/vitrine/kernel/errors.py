"""Every error that a client may see.

AppError
├── BadRequest            400  the request cannot be understood
├── Unauthenticated       401  no credential, or one that does not hold
├── PaymentRequired       402  out of credits
├── Forbidden             403  known, but not allowed
├── NotFound              404  absent, or somebody else's
├── MethodNotAllowed      405  the path is known, the method is not; carries those that are
├── Conflict              409  the thing is in another state than the request supposes
├── TooLarge              413  more bytes than the surface takes
├── UnsupportedMediaType  415  a body of a type that the route does not read
├── Invalid               422  understood, but a field does not hold; carries the fields
├── TooManyRequests       429  carries when to come back
└── Unavailable           503  a dependency is down or busy; trying again may help

`code` is stable and for machines; `message` is for people and never carries exception text. `details` says what was
found in this one case, for the surfaces whose errors have a place for it, and `data` the same for programs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """One field that does not hold: where (a path such as `body.style`), what kind, and what would do."""

    where: str
    kind: str
    message: str


class AppError(Exception):
    status: ClassVar[int] = 500
    code: str = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        details: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.headers = dict(headers or {})
        self.details = details
        self.data = dict(data or {})


class BadRequest(AppError):
    status = 400
    code = "bad_request"
    title = "The request cannot be read"


class Unauthenticated(AppError):
    status = 401
    code = "unauthenticated"
    title = "A valid credential is needed"

    def __init__(self, message: str, *, code: str | None = None, was_sent: bool = True) -> None:
        """`was_sent`: the request carried a credential, which does not hold (RFC 6750 section 3.1)."""
        challenge = 'Bearer error="invalid_token"' if was_sent else "Bearer"
        super().__init__(message, code=code, headers={"WWW-Authenticate": challenge})


class PaymentRequired(AppError):
    status = 402
    code = "payment_required"
    title = "Not enough credits"


class Forbidden(AppError):
    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(AppError):
    status = 404
    code = "not_found"
    title = "Not found"


class MethodNotAllowed(AppError):
    status = 405
    code = "method_not_allowed"
    title = "This path does not know the method"

    def __init__(self, message: str, *, allowed: Sequence[str]) -> None:
        super().__init__(message, headers={"Allow": ", ".join(allowed)})


class Conflict(AppError):
    status = 409
    code = "conflict"
    title = "Not possible in the present state"


class TooLarge(AppError):
    status = 413
    code = "too_large"
    title = "Too large"


class UnsupportedMediaType(AppError):
    status = 415
    code = "unsupported_media_type"
    title = "This type of body is not read here"


class Invalid(AppError):
    status = 422
    code = "invalid"
    title = "Some fields are not valid"

    def __init__(
        self,
        message: str,
        *,
        fields: tuple[FieldError, ...] = (),
        code: str | None = None,
        details: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code, details=details, data=data)
        self.fields = fields

    @classmethod
    def field(cls, where: str, kind: str, message: str) -> "Invalid":
        return cls(message, fields=(FieldError(where, kind, message),))


class TooManyRequests(AppError):
    status = 429
    code = "too_many_requests"
    title = "Too many requests"

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: int,
        headers: Mapping[str, str] | None = None,
        code: str | None = None,
        details: str | None = None,
    ) -> None:
        headers = {"Retry-After": str(retry_after_s), **(headers or {})}
        super().__init__(message, code=code, headers=headers, details=details)


class Unavailable(AppError):
    status = 503
    code = "unavailable"
    title = "Not available right now"

    def __init__(self, message: str, *, retry_after_s: int = 1, code: str | None = None) -> None:
        super().__init__(message, code=code, headers={"Retry-After": str(retry_after_s)})
