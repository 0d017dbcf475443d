"""Accepted invocations on disk, as SageMaker's own queue keeps them: what was accepted survives the host."""

import os
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Invocation(BaseModel):
    """One accepted InvokeEndpointAsync."""

    model_config = ConfigDict(frozen=True)

    id: str
    inference_id: str
    endpoint_name: str
    input_location: str
    output_location: str
    failure_location: str | None
    content_type: str | None
    accept: str | None
    custom_attributes: str | None
    received_at: AwareDatetime
    ttl_s: int
    timeout_s: int


class Spool:
    """A directory with one file per invocation that has no outcome yet."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def add(self, invocation: Invocation) -> None:
        """On disk when this returns, whole or not at all."""
        draft = self._directory / f"{invocation.id}.draft"
        with draft.open("w") as file:
            file.write(invocation.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path(invocation))

    def remove(self, invocation: Invocation) -> None:
        self._path(invocation).unlink(missing_ok=True)

    def unfinished(self) -> list[Invocation]:
        """Oldest first."""
        found = [Invocation.model_validate_json(path.read_text()) for path in self._directory.glob("*.json")]
        return sorted(found, key=lambda invocation: invocation.received_at)

    def _path(self, invocation: Invocation) -> Path:
        return self._directory / f"{invocation.id}.json"
