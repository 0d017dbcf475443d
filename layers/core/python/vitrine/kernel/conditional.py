"""Conditional requests (RFC 9110 section 13): who has the present version is not sent it again."""

import hashlib


def etag(body: str | bytes) -> str:
    """A strong validator of these bytes."""
    data = body.encode() if isinstance(body, str) else body
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def is_known(if_none_match: str | None, current: str) -> bool:
    """Whether a client's `If-None-Match` names the current version. Compared weakly, as GET asks for."""
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in known or current in known
