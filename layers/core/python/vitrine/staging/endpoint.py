"""The asynchronous SageMaker endpoint: how an attempt is handed to it, and how its answer finds the way back."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from vitrine.assets import service as assets
from vitrine.contracts.inference import StageRequest, StageResult
from vitrine.contracts.message import ObjectLocation
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, TaskToken
from vitrine.kernel import clients, executions
from vitrine.kernel.environment import Buckets, InferenceEndpoint
from vitrine.kernel.observability import crash_fields, logger
from vitrine.staging import keys, kinds, rules
from vitrine.staging.models import StageInput

DEADLINE = timedelta(minutes=24)
INFERENCE_TIMEOUT_S = 600
_THROTTLES = {"ThrottlingException", "ServiceUnavailable", "ModelNotReadyException", "TooManyRequestsException"}


class EndpointUnavailable(Exception):
    """The endpoint took no request; the state machine tries again. Its name is a Step Functions error name."""


class InferenceFailed(Exception):
    """The endpoint failed on a request. Its name is a Step Functions error name."""


def submit(token: TaskToken, now: datetime, endpoint: InferenceEndpoint, buckets: Buckets) -> None:
    """Start an attempt's inference. Idempotency key: job and attempt; a repeat overwrites the same request.

    Raises `JobIsOver` when there is nothing left to do, `EndpointUnavailable` when trying again may help.
    """
    job = jobs.begin_attempt(token, now, kinds.STAGE.may_work)
    request = _request(job, token.attempt, now, buckets)
    where = keys.request_location(buckets.media_bucket, token.tenant, token.job_id, token.attempt)
    try:
        clients.s3().put_object(
            Bucket=where.bucket, Key=where.key, Body=request.model_dump_json(), ContentType="application/json"
        )
        clients.sagemaker_runtime().invoke_endpoint_async(
            EndpointName=endpoint.staging_endpoint,
            InputLocation=where.uri,
            InferenceId=f"{token.job_id}.{token.attempt}.{_try_of(token)}",
            ContentType="application/json",
            Accept="application/json",
            InvocationTimeoutSeconds=INFERENCE_TIMEOUT_S,
            RequestTTLSeconds=int(DEADLINE.total_seconds()),
        )
    except (ClientError, BotoCoreError) as error:
        raise _unavailable(error) from None


def _try_of(token: TaskToken) -> str:
    """Names one try at an attempt: the state machine repeats an attempt under a new token."""
    return hashlib.sha256(token.token.encode()).hexdigest()[:8]


def _request(job: Job, attempt: int, now: datetime, buckets: Buckets) -> StageRequest:
    stage = StageInput.model_validate(job.input)
    prefix = keys.attempt_prefix(job.tenant, job.id, attempt)
    return StageRequest(
        job_id=job.id,
        attempt=attempt,
        photo=_original(job, stage, buckets.media_bucket),
        output=ObjectLocation(bucket=buckets.media_bucket, key=prefix),
        room_type=stage.room_type,
        style=stage.style,
        seed=rules.seed_of(stage.seed, attempt),
        plan_seed=stage.plan_seed,
        quality=stage.quality,
        deadline=now + DEADLINE,
    )


def _original(job: Job, stage: StageInput, bucket: str) -> ObjectLocation:
    """The very bytes that were inspected: other ones may have come to the upload's URL, which lives on for a while."""
    asset = assets.find(job.tenant, job.asset_id) if job.asset_id else None
    etag = asset.inspection.etag if asset and asset.inspection else None
    return ObjectLocation(bucket=bucket, key=assets.original_key(stage.photo_key), etag=etag)


def _unavailable(error: ClientError | BotoCoreError) -> Exception:
    # A refusal such as ValidationException stays as it is: trying again would not help, and its name helps operators.
    if isinstance(error, ClientError) and _is_final(error):
        return error
    return EndpointUnavailable("The staging endpoint took no request.")


def _is_final(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return status < 500 and error.response.get("Error", {}).get("Code") not in _THROTTLES


def report_unavailable(token: TaskToken) -> None:
    """Say by its token that an attempt could not be handed to it, so that the state machine tries again at once.

    Idempotency key: the task token. The state that waits for a token is then sure to hear of it, whatever becomes of
    the function.
    """
    executions.fail(token.token, EndpointUnavailable, "The staging endpoint took no request.")


def deliver(notification: dict[str, Any]) -> str:
    """Hand SageMaker's notification to the attempt that waits for it; answers what became of it.

    Late and repeated notifications find a token that is spent, and change nothing. Idempotency key: the attempt's task
    token. Raises LookupError when the attempt is unknown: the message then ends in the dead-letter queue.
    """
    tenant, job_id, attempt = keys.attempt_of(notification["requestParameters"]["inputLocation"])
    token = jobs.token_of(tenant, job_id, attempt)
    if token is None:
        raise LookupError("no attempt waits for this inference")
    if not _is_about(notification, token):
        return "too late"
    result = _result(notification)
    if result is None:
        cause = "The endpoint reported a failed inference, or gave an answer that is none."
        return "failed" if executions.fail(token.token, InferenceFailed, cause) else "too late"
    return "delivered" if executions.succeed(token.token, _output(token, result)) else "too late"


def _is_about(notification: dict[str, Any], token: TaskToken) -> bool:
    """False for news of an earlier try at the same attempt, which must not decide over the present one."""
    named = str(notification.get("inferenceId", "")).split(".")[2:]
    return not named or named == [_try_of(token)]


def _result(notification: dict[str, Any]) -> StageResult | None:
    """What the endpoint made; None when it failed, or when its answer is none that we know."""
    if notification["invocationStatus"] != "Completed":
        return None
    location = notification["responseParameters"]["outputLocation"]
    bucket, _, key = location.removeprefix("s3://").partition("/")
    body = clients.s3().get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return StageResult.model_validate_json(body)
    except ValidationError as error:
        logger.error("inference answer cannot be read", **crash_fields(error))
        return None


def _output(token: TaskToken, result: StageResult) -> dict[str, Any]:
    return {
        "tenant": token.tenant,
        "job_id": token.job_id,
        "attempt": token.attempt,
        "result": result.model_dump(mode="json"),
    }
