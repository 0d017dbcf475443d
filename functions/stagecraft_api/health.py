"""The service's health. Public, one read, and nothing in it that was not found out."""

from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import AwareDatetime, BaseModel, Field

from functions.stagecraft_api.surface import SURFACE
from vitrine.kernel import health, operations, schema
from vitrine.kernel.health import EngineStatus, Status
from vitrine.kernel.http import Allow, Api, Now

schema.GUARD.deployed_name()
api = Api(SURFACE)
handler = api.handler


class Health(BaseModel):
    """`processing_queue_length` counts the jobs that have all they need and are not over: waiting and at work.

    Averages are of what was completed in the last hour, rates of what ended in the last 24; null when nothing did.
    `as_of` says when all this was found out.
    """

    status: Status
    ai_service_status: EngineStatus
    processing_queue_length: Annotated[int, Field(ge=0)] | None
    average_processing_time_ms: int | None
    jobs_waiting: int | None
    jobs_at_work: int | None
    success_rate_24h: float | None
    as_of: AwareDatetime | None
    message: str | None


@api.get("/api/health", summary="Service health", tags=["health"], allow=Allow.PUBLIC, round_trips=1)
def get_health(now: Now) -> Response[Health]:
    view = _view(operations.health(), now)
    return Response(
        status_code=200,
        content_type="application/json",
        headers={"Cache-Control": "public, max-age=5"},
        body=view,
    )


def _view(state: health.ServiceState, now: datetime) -> Health:
    snapshot = state.snapshot
    return Health(
        status=health.status(state, now),
        ai_service_status=health.engine_status(snapshot, now),
        processing_queue_length=snapshot.jobs_waiting + snapshot.jobs_at_work if snapshot else None,
        average_processing_time_ms=state.average_ms,
        jobs_waiting=snapshot.jobs_waiting if snapshot else None,
        jobs_at_work=snapshot.jobs_at_work if snapshot else None,
        success_rate_24h=snapshot.last_day.success_rate if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        message=state.maintenance.message if state.maintenance else None,
    )
