"""The committed OpenAPI documents, as deployment and tests read them: what is deployed is what is promised."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vitrine.kernel.surface import Surface

EVENTS = Path(__file__).parents[1] / "events"
DOCUMENTS = EVENTS / "openapi"
EXAMPLES = EVENTS / "examples"

Json = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """A route of a document. What it says of itself stands in the extensions `x-…` of `body`."""

    method: str
    path: str
    body: Json

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def function(self) -> str:
        return str(self.body["x-function"])

    @property
    def is_public(self) -> bool:
        return bool(self.body["x-allow"] == "public")

    @property
    def brings_work(self) -> bool:
        return bool(self.body["x-brings-work"])

    @property
    def round_trips(self) -> int:
        return int(self.body["x-round-trips"])

    @property
    def takes_json(self) -> bool:
        return "application/json" in self.body.get("requestBody", {}).get("content", {})


def load(surface: Surface, folder: Path = DOCUMENTS) -> Json:
    document: Json = json.loads((folder / f"{surface.name}.json").read_text())
    return document


def operations(document: Json) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, body in methods.items():
            yield Operation(method.upper(), path, body)
