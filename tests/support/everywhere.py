"""Something of a tenant in every table and under every prefix, and who is mentioned where."""

from typing import Any

from tests.support.builders import any_call, any_job
from tests.support.clock import now
from tests.support.cloud import client
from tests.support.uploads import any_asset, any_inspection
from vitrine.assets import keys
from vitrine.assets import service as assets
from vitrine.assets import store as assets_store
from vitrine.assets.models import Asset
from vitrine.billing import service as billing
from vitrine.jobs import service as jobs
from vitrine.jobs.fair_queue import service as fair_queue
from vitrine.jobs.models import Job, TaskToken
from vitrine.kernel import objects, schema, tables
from vitrine.kernel.idempotency import Idempotency
from vitrine.kernel.limits import RateLimiter
from vitrine.kernel.surface import Limit
from vitrine.staging import service as staging


def everywhere(tenant: str) -> Job:
    """Something of the tenant in every table and under every prefix; answers a job that is at work."""
    moment = now()
    billing.forget_provisioned()
    billing.provision(any_call(tenant))
    staging.create_project(any_call(tenant), "Elm Street 4", None)
    asset = uploaded(tenant)
    job = any_job(tenant=tenant, asset_id=asset.id)
    tables.commit(*jobs.queueing(job), *billing.reserving(tenant, job.id, 1, moment))
    fair_queue.take(job, 10, moment)
    jobs.begin_attempt(TaskToken(tenant=tenant, job_id=job.id, attempt=1, token="task token"), moment)
    put("media", f"inference/{tenant}/{job.id}/1/staged.png")
    put("media", f"published/{tenant}/{job.id}/staged.png")
    Idempotency(schema.GUARD.deployed_name()).claim(f"realstaging#{tenant}", "key", "request", moment, "seed")
    RateLimiter(schema.GUARD.deployed_name()).take(f"realstaging#{tenant}", Limit("minute", 9, 60), moment)
    return job


def uploaded(tenant: str = "ten_a") -> Asset:
    """An accepted upload with a thumbnail."""
    asset = any_asset(tenant=tenant)
    tables.commit(assets_store.insert(asset))
    settled = assets.record(any_inspection(asset), now())
    assert settled is not None
    put("uploads", asset.key)
    put("media", keys.original_key(asset.key))
    put("media", f"thumbnails/{tenant}/{asset.id}/{'ef' * 32}/150.jpg")
    return settled


def put(bucket: str, key: str) -> None:
    client("s3").put_object(Bucket=bucket, Key=key, Body=b"picture")


def all_items() -> dict[str, list[dict[str, Any]]]:
    return {known.name: client("dynamodb").scan(TableName=known.name)["Items"] for known in schema.TABLES}


def mentions(text: str) -> list[str]:
    """Every item and every object that mentions `text`, wherever in it."""
    items = [f"{name}: {item}" for name, found in all_items().items() for item in found if text in str(item)]
    return [*items, *(key for bucket in ("uploads", "media") for key in objects.keys(bucket, "") if text in key)]
