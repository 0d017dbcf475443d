from pydantic import AwareDatetime

from vitrine.kernel.record import Record


class OriginalAccess(Record):
    """Somebody was given a link to an original. `request_id` is that of the request, as its log line has it."""

    id: str
    tenant: str
    image_id: str
    session_id: str
    site_id: str
    actor: str
    role: str
    request_id: str
    at: AwareDatetime
