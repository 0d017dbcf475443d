"""Multipart forms (RFC 7578): fields as text, files as `UploadFile`.

Read by the library `multipart` in its strict mode. Powertools has a parser too, which splits at the boundary wherever
it occurs in a file and takes bodies that end early.
"""

import binascii
import hashlib
import quopri
import re
from collections.abc import Callable
from email.message import Message
from io import BytesIO
from typing import Any

from aws_lambda_powertools.event_handler.openapi.params import UploadFile

from vitrine.kernel.errors import BadRequest, Invalid

MEDIA_TYPE = "multipart/form-data"
MAX_PARTS = 600

Value = str | UploadFile
Form = dict[str, Value | list[Value]]

_LISTED = re.compile(r"\[\d*\]$")
"""How clients say that a field is one of a list: `images[]`, `images[0]`."""
_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "binary": bytes,
    "8bit": bytes,
    "7bit": bytes,
    "base64": binascii.a2b_base64,
    "quoted-printable": quopri.decodestring,
}
_TEXT = re.compile(r"text/|application/(json|x-www-form-urlencoded)$")


def parse(body: bytes, content_type: str) -> Form:
    """The form by its fields' names. A name that is repeated, or ends in `[]` or `[0]`, gives a list, under the name
    without; all spellings of a name are one list, in the order sent.

    A part is a file if it has a file name (`filename` or `filename*`), or if its type is not one of text. A file input
    in which nothing was chosen (no name, no bytes) counts as not sent.

    `content_type` is the whole header, boundary included. Raises `BadRequest` for a body that is no whole form, and
    `Invalid` for a part that is neither a file nor text.
    """
    # Imported here: most Lambdas take JSON alone.
    from multipart import MultipartError, MultipartParser, parse_options_header

    boundary = parse_options_header(content_type)[1].get("boundary", "")
    # Whoever calls has bounded the body, so nothing needs to go to disk.
    parser = MultipartParser(
        BytesIO(body), boundary, strict=True, part_limit=MAX_PARTS, spool_limit=len(body), memory_limit=len(body)
    )
    try:
        parts = list(parser)
    except MultipartError:
        raise BadRequest("The body is not a whole multipart form.") from None
    return _by_name([(part.name, _value(part)) for part in parts if not _is_nothing_chosen(part)])


def canonical(form: Form) -> str:
    """The same text for the same form, whatever its boundary: fields and digests of files, in the order sent."""
    return repr([(name, [_identity(value) for value in _listed(values)]) for name, values in form.items()])


def _is_nothing_chosen(part: Any) -> bool:
    """What browsers send for an empty file input (HTML, constructing the entry list): a file without name and bytes."""
    return part.filename == "" and not part.raw


def _value(part: Any) -> Value:
    filename, content = _filename(part), _content(part)
    if filename is not None or not _TEXT.match(part.content_type):
        return UploadFile(content=content, filename=filename, content_type=part.content_type)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Invalid.field(
            f"body.{part.name}", "not_text", "This part is no text in UTF-8. Send a file with a file name or its type."
        ) from None


def _content(part: Any) -> bytes:
    """The part's bytes. RFC 7578 section 4.7 wants them as they are; libraries made for mail still encode them."""
    encoding = dict(part.headerlist).get("Content-Transfer-Encoding", "binary").strip().lower()
    decode = _DECODERS.get(encoding)
    try:
        if decode is not None:
            return decode(part.raw)
    except ValueError:
        pass
    raise Invalid.field(f"body.{part.name}", "encoding", "This part cannot be decoded. Send its bytes as they are.")


def _filename(part: Any) -> str | None:
    """The name that its sender gave a file; some write it as `filename*` alone (RFC 8187), which RFC 7578 forbids."""
    if part.filename is not None:
        return str(part.filename)
    header = Message()
    header["Content-Disposition"] = part.disposition
    return header.get_filename()


def _by_name(parts: list[tuple[str, Value]]) -> Form:
    found: dict[str, list[Value]] = {}
    for name, value in parts:
        found.setdefault(_LISTED.sub("", name), []).append(value)
    lists = {_LISTED.sub("", name) for name, _ in parts if _LISTED.search(name)}
    return {name: values if name in lists or len(values) > 1 else values[0] for name, values in found.items()}


def _listed(values: Value | list[Value]) -> list[Value]:
    return values if isinstance(values, list) else [values]


def _identity(value: Value) -> tuple[str, ...]:
    if isinstance(value, str):
        return ("text", value)
    return ("file", value.filename or "", value.content_type or "", hashlib.sha256(value.content).hexdigest())
