from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict


class User(BaseModel):
    """A person, as their identity provider names them: `subject` at `issuer`. Each first comes with a tenant."""

    model_config = ConfigDict(frozen=True)

    id: str
    tenant: str
    issuer: str
    subject: str
    created_at: AwareDatetime


Claims = dict[str, Any]
