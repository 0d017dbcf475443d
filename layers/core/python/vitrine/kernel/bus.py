"""The status bus: what happened, told to whoever listens."""

from collections.abc import Sequence
from typing import Any

from vitrine.kernel import clients

_BATCH = 10  # PutEvents takes ten entries


def send(entries: Sequence[dict[str, Any]]) -> list[int]:
    """Put the entries on their bus; answers the indexes of those that were not taken."""
    failed: list[int] = []
    for start in range(0, len(entries), _BATCH):
        batch: Any = entries[start : start + _BATCH]
        answer = clients.events().put_events(Entries=batch)
        failed += [start + index for index, entry in enumerate(answer["Entries"]) if "ErrorCode" in entry]
    return failed
