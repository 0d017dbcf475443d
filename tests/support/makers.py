"""Lambda functions that are called and waited for, in this process."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from tests.support.requests import CONTEXT
from vitrine.kernel import clients, tables


@dataclass
class Lambda:
    """Runs `pipeline.make_frame` as it is deployed: through JSON, and what it asks DynamoDB is its own cost.

    `before` is called before each call, with its number from 1, and may raise what the SDK would.
    """

    before: Callable[[int], None] = lambda _: None
    calls: list[Any] = field(default_factory=list)

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - the SDK's names
        from functions.pipeline import make_frame

        assert FunctionName.endswith(":function:pipeline-make-frame:live")
        self.calls.append(json.loads(Payload))
        self.before(len(self.calls))
        spent = tables.round_trips()
        answer = json.dumps(make_frame.handler(json.loads(Payload), CONTEXT))
        tables._round_trips = spent
        return {"Payload": io.BytesIO(answer.encode())}


@contextmanager
def making(before: Callable[[int], None] = lambda _: None) -> Iterator[Lambda]:
    """Within the block whoever calls the function that makes frames gets it."""
    made = Lambda(before)
    with patch.object(clients, "functions", lambda: made):
        yield made
