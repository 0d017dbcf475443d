"""The service's health, from what was last found out: plain values and their judgement."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, Field

from vitrine.kernel.record import Record

STALE_AFTER = timedelta(minutes=5)
"""The sweep looks every minute; older news than this means that it does not run."""
FEW = 3
"""Failures below this number are no trend."""


class EndpointState(StrEnum):
    """The inference endpoint, as its control plane tells."""

    IN_SERVICE = "in_service"
    STARTING = "starting"
    OUT_OF_SERVICE = "out_of_service"
    UNKNOWN = "unknown"


class Status(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    MAINTENANCE = "maintenance"
    UNAVAILABLE = "unavailable"


class EngineStatus(StrEnum):
    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


class Maintenance(Record):
    """Work is not taken for now; `message` tells clients why."""

    message: str
    since: AwareDatetime


class Tally(Record):
    """What ended in some time: completed with its processing time in all, failed on our side, refused for the photo."""

    completed: int = 0
    failed: int = 0
    refused: int = 0
    processing_ms: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in Tally.model_fields})

    @property
    def average_ms(self) -> int | None:
        return round(self.processing_ms / self.completed) if self.completed else None

    @property
    def success_rate(self) -> float | None:
        """The share of completed ones among all that ended, 0 to 1."""
        ended = self.completed + self.failed + self.refused
        return round(self.completed / ended, 4) if ended else None


class Snapshot(Record):
    """What the sweep found at `as_of`: jobs with all they need, and how those that ended before went."""

    as_of: AwareDatetime
    jobs_waiting: int = Field(ge=0)
    jobs_at_work: int = Field(ge=0)
    last_minutes: Tally
    last_hour: Tally
    last_day: Tally
    endpoint: EndpointState


class ServiceState(Record):
    """What is known now; None for what was never said."""

    maintenance: Maintenance | None = None
    snapshot: Snapshot | None = None

    @property
    def average_ms(self) -> int | None:
        """Milliseconds that a photo's processing took on average in the last hour; None when none was completed."""
        return self.snapshot.last_hour.average_ms if self.snapshot else None


def engine_status(snapshot: Snapshot | None, now: datetime) -> EngineStatus:
    if snapshot is None or now - snapshot.as_of > STALE_AFTER:
        return EngineStatus.UNKNOWN
    if snapshot.endpoint in (EndpointState.OUT_OF_SERVICE, EndpointState.STARTING):
        return EngineStatus.UNAVAILABLE
    recent = snapshot.last_minutes
    if recent.failed >= FEW and recent.failed > recent.completed:
        return EngineStatus.DEGRADED
    if snapshot.endpoint is EndpointState.UNKNOWN and not recent.completed:
        return EngineStatus.UNKNOWN
    return EngineStatus.OPERATIONAL


def status(state: ServiceState, now: datetime) -> Status:
    """What nobody could find out is not called healthy."""
    if state.maintenance is not None:
        return Status.MAINTENANCE
    engine = engine_status(state.snapshot, now)
    if engine is EngineStatus.UNAVAILABLE:
        return Status.UNAVAILABLE
    return Status.HEALTHY if engine is EngineStatus.OPERATIONAL else Status.DEGRADED
