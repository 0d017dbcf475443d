"""What webhooks are sent: the body around an announcement, and the test event."""

import json
from typing import Any

TEST = "webhook.test"


def payload(name: str, at: str, data: dict[str, Any]) -> str:
    """The body, as Standard Webhooks names its parts. `at` is an ISO 8601 timestamp."""
    return json.dumps({"type": name, "timestamp": at, "data": data}, separators=(",", ":"), ensure_ascii=False)
