from typing import Any

from pydantic import AwareDatetime

from vitrine.kernel.record import Record


class User(Record):
    """A person, as their identity provider names them: `subject` at `issuer`. Each first comes with a tenant."""

    id: str
    tenant: str
    issuer: str
    subject: str
    created_at: AwareDatetime


Claims = dict[str, Any]
