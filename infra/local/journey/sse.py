"""Server-sent events as a client reads them (WHATWG HTML, "Server-sent events")."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """`id` is what to send as `Last-Event-ID` to go on after this event."""

    id: str
    name: str
    data: str


def parse(text: str) -> Iterator[Event]:
    """The events of one response; comments and unknown fields are skipped, as is a last event that has no end."""
    *whole, _cut = text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n")
    last_id = ""
    for block in whole:
        fields = [_field(line) for line in block.split("\n") if line and not line.startswith(":")]
        named = dict(fields)
        last_id = named.get("id", last_id)
        data = [value for name, value in fields if name == "data"]
        if data:
            yield Event(last_id, named.get("event", "message"), "\n".join(data))


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")
