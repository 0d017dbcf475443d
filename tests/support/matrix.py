"""Each call that a surface's examples make, made by others first: who may not call learns and changes nothing.

What is known of a document's routes is enough: a route that is added is in the matrix with its example.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from tests.examples import calls_of
from tests.support import surfaces
from tests.support.requests import Reply, again, event, template_of
from tests.support.surfaces import handler_of
from vitrine.kernel import tables
from vitrine.kernel.ids import Ids
from vitrine.kernel.surface import Surface

IDS = re.compile(r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]{3,8}_[0-9a-z]{26})\b")
"""How ids look, of whatever kind."""


@dataclass(frozen=True)
class Asked:
    """A call that the owner will make: its route, and the event that the gateway sends."""

    surface: Surface
    route: str
    event: Mapping[str, Any]

    def by(self, token: str | None) -> Reply:
        """The same call by somebody else."""
        sent = {**self.event, "headers": self._headers(token)}
        return again(handler_of(self.surface, self.route), sent)

    def costs(self, token: str) -> int:
        """Requests to DynamoDB."""
        before = tables.round_trips()
        self.by(token)
        return tables.round_trips() - before

    def elsewhere(self, ids: Ids) -> "Asked":
        """The same call about things that nobody has."""

        def another(found: re.Match[str]) -> str:
            prefix, _, rest = found[0].rpartition("_")
            return ids.new(prefix) if rest != found[0] else ids.uuid()

        sent = self.event
        changed = {
            "rawPath": IDS.sub(another, sent["rawPath"]),
            "body": sent["body"] and IDS.sub(another, sent["body"]),
            "queryStringParameters": {
                name: IDS.sub(another, value) for name, value in sent["queryStringParameters"].items()
            },
        }
        return Asked(self.surface, self.route, {**sent, **changed})

    @property
    def token(self) -> str:
        """The owner's."""
        return str(self.event["headers"]["authorization"]).removeprefix("Bearer ")

    @property
    def ids(self) -> set[str]:
        """The ids that whoever makes this call knows already."""
        return set(IDS.findall(f"{self.event['rawPath']} {self.event['body']} {self.event['queryStringParameters']}"))

    def _headers(self, token: str | None) -> dict[str, str]:
        kept = {name: value for name, value in self.event["headers"].items() if name == "content-type"}
        return kept if token is None else {**kept, "authorization": f"Bearer {token}"}


def asked_of(surface: Surface) -> Iterator[tuple[Asked, Callable[[], Reply]]]:
    """Each example as its event, and what makes the owner's call. One by one, since each builds on those before."""
    for name, call in calls_of(surface).items():
        asked = Asked(surface, name.partition(" (")[0], _event_of(call))
        yield asked, partial(again, handler_of(surface, asked.route), dict(asked.event))


def _event_of(call: Callable[[], Reply]) -> dict[str, Any]:
    """What the call would send, while nothing is sent."""
    seen: list[dict[str, Any]] = []

    def see(handler: Any, method: str, path: str, **sent: Any) -> Reply:
        seen.append(event(method, path, template=template_of(handler, path), **sent))
        return Reply(0, {}, "{}", seen[-1])

    with patch.object(surfaces, "send", see):
        call()
    return seen[-1]
