"""The tables' streams: what happened leaves for the bus, and what happened to jobs is counted."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from vitrine.assets import events as asset_events
from vitrine.assets import service as assets
from vitrine.capture.telling import events as capture_events
from vitrine.capture.telling import service as capture
from vitrine.jobs import events as job_events
from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobEvent, JobEventType
from vitrine.kernel import bus, metrics, schema
from vitrine.kernel.environment import Bus
from vitrine.kernel.errors import Unavailable
from vitrine.kernel.observability import count, crash_fields, logger
from vitrine.kinds_of_work import KINDS
from vitrine.staging import events as staging_events
from vitrine.staging import service as staging
from vitrine.work import tally

BUS = Bus.load().status_bus
JOBS, ASSETS, STAGING, CAPTURE = (
    table.deployed_name() for table in (schema.JOBS, schema.ASSETS, schema.STAGING, schema.CAPTURE)
)
ENTRIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    JOBS: lambda image: job_events.entry(jobs.event_from_image(image), BUS),
    ASSETS: lambda image: asset_events.entry(assets.event_from_image(image), BUS),
    STAGING: lambda image: staging_events.entry(staging.event_from_image(image), BUS),
    CAPTURE: lambda image: capture_events.entry(capture.change_from_image(image), BUS),
}
"""How a table's change is told: the new image that its stream gives, as an entry for the bus."""


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answers the first record that was not taken: the stream comes back from there (ReportBatchItemFailures)."""
    records = event["Records"]
    failed = bus.send([_entry(record) for record in records])
    taken = records[: failed[0]] if failed else records
    _count([jobs.event_from_image(record["dynamodb"]["NewImage"]) for record in taken if _table(record) == JOBS])
    logger.info("changes published", records=len(records), taken=len(taken))
    return {"batchItemFailures": [{"itemIdentifier": records[at]["dynamodb"]["SequenceNumber"]} for at in failed[:1]]}


def _table(record: dict[str, Any]) -> str:
    """From `arn:aws:dynamodb:region:account:table/NAME/stream/label`."""
    return str(record["eventSourceARN"].split("/")[1])


def _entry(record: dict[str, Any]) -> dict[str, Any]:
    return ENTRIES[_table(record)](record["dynamodb"]["NewImage"])


def _count(events: list[JobEvent]) -> None:
    """Metrics matter less than events: when they cannot be stored, no event is sent a second time for them."""
    for event in events:
        _count_job(event)
    try:
        tally.count(events, KINDS)
    except (ClientError, BotoCoreError, Unavailable) as error:
        logger.error("changes could not be counted", **crash_fields(error))


def _count_job(event: JobEvent) -> None:
    dimensions = {metrics.KIND: event.kind.value}
    count(job_events.METRICS[event.type], dimensions)
    if event.type is JobEventType.COMPLETED:
        elapsed = (event.at - event.queued_at).total_seconds() * 1000
        count(metrics.TIME_TO_STAGED, dimensions, elapsed, MetricUnit.Milliseconds)
        count(metrics.PROCESSING_TIME, dimensions, tally.of(event, KINDS).processing_ms, MetricUnit.Milliseconds)
