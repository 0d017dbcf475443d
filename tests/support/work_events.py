"""Uploads and jobs in the tables of this process, with the events that AWS would send of them."""

from typing import Any

import boto3

from tests.support.builders import any_call, any_job
from vitrine.assets import rules as asset_rules
from vitrine.assets import service as assets
from vitrine.assets import store as assets_store
from vitrine.assets.models import Asset, ContentType, Inspection, Rejection, UploadRequest, Verdict
from vitrine.billing import service as billing
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now
from vitrine.kernel.ids import Ids


def an_asset(tenant: str) -> Asset:
    request = UploadRequest(filename="room.jpg", content_type=ContentType.JPEG, file_size=100)
    asset = asset_rules.new_asset(request, Ids.random(utc_now()).new("ast"), tenant, utc_now())
    tables.commit(assets_store.insert(asset))
    return asset


def inspected(asset: Asset, reason: Rejection | None = None) -> dict[str, Any]:
    """Record the verdict, and give the bus event that tells of it."""
    verdict = Verdict.REJECTED if reason else Verdict.ACCEPTED
    found = Inspection(
        tenant=asset.tenant, asset_id=asset.id, key=asset.key, verdict=verdict, size=asset.size, reason=reason
    )
    settled = assets.record(found, utc_now())
    assert settled is not None
    return {"detail-type": "UploadInspected", "detail": asset_rules.event_of(settled).model_dump(mode="json")}


def queued(asset: Asset, **changes: Any) -> tuple[Job, dict[str, Any]]:
    """Queue a job for the upload, and give the bus event that tells of it."""
    billing.forget_provisioned()
    billing.provision(any_call(asset.tenant))
    job = any_job(tenant=asset.tenant, asset_id=asset.id, **changes)
    tables.commit(*jobs.queueing(job), *billing.reserving(job.tenant, job.id, job.credits, utc_now()))
    (event,) = jobs.events_after(job.tenant, job.id, 0)
    return job, {"detail-type": event.type.value, "detail": event.model_dump(mode="json")}


def stream_records(table: str) -> dict[str, Any]:
    """What of the table's stream passes our filters, in the shape that Lambda receives."""
    items = boto3.client("dynamodb").scan(TableName=table)["Items"]
    arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}/stream/2026"
    return {
        "Records": [
            {
                "eventName": "INSERT",
                "eventSourceARN": arn,
                "dynamodb": {"NewImage": item, "SequenceNumber": str(number)},
            }
            for number, item in enumerate(items)
            if item["kind"]["S"] in ("EVENT", "CHANGE") or item["sk"]["S"].startswith(("DELETED#", "WITHDRAWN#"))
        ]
    }
