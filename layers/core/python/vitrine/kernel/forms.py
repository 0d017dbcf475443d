"""Multipart forms (RFC 7578): fields as text, files as `UploadFile`.

Read by the library `multipart` in its strict mode. Powertools has a parser too, which splits at the boundary wherever
it occurs in a file and takes bodies that end early.
"""

import hashlib
from io import BytesIO
from typing import Any

from aws_lambda_powertools.event_handler.openapi.params import UploadFile

from vitrine.kernel.errors import BadRequest

MEDIA_TYPE = "multipart/form-data"
MAX_PARTS = 600

Value = str | UploadFile
Form = dict[str, Value | list[Value]]


def parse(body: bytes, content_type: str) -> Form:
    """The form by its fields' names. A name that is repeated, or ends in `[]`, gives a list, under the name without.

    `content_type` is the whole header, boundary included. Raises `BadRequest` for a body that is no whole form.
    """
    # Imported here: most Lambdas take JSON alone.
    from multipart import MultipartError, MultipartParser, parse_options_header

    boundary = parse_options_header(content_type)[1].get("boundary", "")
    # Whoever calls has bounded the body, so nothing needs to go to disk.
    parser = MultipartParser(
        BytesIO(body), boundary, strict=True, part_limit=MAX_PARTS, spool_limit=len(body), memory_limit=len(body)
    )
    try:
        parts = [(part.name, _value(part)) for part in parser]
    except (MultipartError, UnicodeDecodeError):
        raise BadRequest("The body is not a whole multipart form.") from None
    return _by_name(parts)


def canonical(form: Form) -> str:
    """The same text for the same form, whatever its boundary: fields and digests of files, in the order sent."""
    return repr([(name, [_identity(value) for value in _listed(values)]) for name, values in form.items()])


def _value(part: Any) -> Value:
    if part.filename is None:
        return str(part.raw.decode())
    return UploadFile(content=part.raw, filename=part.filename, content_type=part.content_type)


def _by_name(parts: list[tuple[str, Value]]) -> Form:
    found: dict[str, list[Value]] = {}
    for name, value in parts:
        found.setdefault(name, []).append(value)
    return {
        name.removesuffix("[]"): values if name.endswith("[]") or len(values) > 1 else values[0]
        for name, values in found.items()
    }


def _listed(values: Value | list[Value]) -> list[Value]:
    return values if isinstance(values, list) else [values]


def _identity(value: Value) -> tuple[str, ...]:
    if isinstance(value, str):
        return ("text", value)
    return ("file", value.filename or "", value.content_type or "", hashlib.sha256(value.content).hexdigest())
