"""How far a staging is, from what happened to it: its upload, its attempts, and what the engine says of the last."""

from botocore.exceptions import ClientError
from pydantic import ValidationError

from vitrine.assets import service as assets
from vitrine.assets.models import AssetState
from vitrine.contracts.inference import Progress
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobState
from vitrine.kernel import clients
from vitrine.staging import keys, rules

_NOT_THERE = ("NoSuchKey", "404")


def of(job: Job, media_bucket: str) -> float:
    """0 to 1, and never less than before. Costs one read while the job waits, and two while it is worked on."""
    if job.state is JobState.QUEUED:
        return rules.INSPECTED if _is_inspected(job) else 0.0
    if job.state is not JobState.PROCESSING:
        return 1.0
    attempt = jobs.latest_attempt(job.tenant, job.id)
    return rules.progress(attempt, _share(keys.progress_key(job.tenant, job.id, attempt), media_bucket))


def _is_inspected(job: Job) -> bool:
    asset = assets.find(job.tenant, job.asset_id) if job.asset_id else None
    return asset is not None and asset.state is not AssetState.AWAITING_UPLOAD


def _share(key: str, bucket: str) -> float:
    """What the engine said last; 0 before it said anything."""
    try:
        body = clients.s3().get_object(Bucket=bucket, Key=key)["Body"].read()
        return Progress.model_validate_json(body).share
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOT_THERE:
            raise
    except ValidationError:
        pass
    return 0.0
