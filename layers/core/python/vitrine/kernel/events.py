"""An event of the bus as a value. Contexts declare theirs in `events.py`, and `vitrine.bus_events` lists all."""

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True)
class EventType:
    """`detail` is what an event of this type carries; its JSON Schema is committed under `events/contracts`."""

    source: str
    detail_type: str
    detail: type[BaseModel]
