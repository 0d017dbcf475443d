"""Fields that several routes take, and what several answer."""

from typing import Annotated

from pydantic import BaseModel, Field

from vitrine.identity.organisations.models import Site
from vitrine.kernel.record import Uuid

__all__ = ["SiteView", "Text", "Uuid"]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class SiteView(BaseModel):
    id: Uuid
    name: str

    @classmethod
    def of(cls, site: Site) -> "SiteView":
        return cls(id=site.id, name=site.name)
