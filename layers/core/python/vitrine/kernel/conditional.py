"""Conditional requests (RFC 9110 section 13): who has the present version is not sent it again."""

import hashlib
import re
from datetime import datetime

LINKS_S = 600
"""Signed links hold for 900 s (`assets.rules.URL_LIFETIME`): who is told that theirs are current can use them for 300
more at least."""
_SIGNED = re.compile(r"\?[^\s\"]*X-Amz-Signature=[0-9a-f][^\s\"]*")


def etag(body: str | bytes) -> str:
    """A strong validator of these bytes."""
    data = body.encode() if isinstance(body, str) else body
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def validator(body: str, now: datetime) -> str:
    """The body's ETag. Links that S3 signed anew are no new version, so a body with such links gets a weak one, which
    changes every 10 minutes, since the links that a client keeps run out."""
    lasting, links = _SIGNED.subn("", body)
    return f"W/{etag(f'{int(now.timestamp()) // LINKS_S} {lasting}')}" if links else etag(body)


def is_known(if_none_match: str | None, current: str) -> bool:
    """Whether a client's `If-None-Match` names the current version. Compared weakly, as GET asks for."""
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in known or current.removeprefix("W/") in known
