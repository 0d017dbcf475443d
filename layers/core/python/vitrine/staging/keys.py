"""The keys and calls around the asynchronous endpoint. What an attempt reads and writes is named by job and attempt."""

from vitrine.contracts import inference
from vitrine.contracts.message import ObjectLocation

PREFIX = "inference"
PUBLISHED = "published"


def attempt_prefix(tenant: str, job_id: str, attempt: int) -> str:
    return f"{PREFIX}/{tenant}/{job_id}/{attempt}/"


def progress_key(tenant: str, job_id: str, attempt: int) -> str:
    """Where the engine says how far it is with an attempt."""
    return inference.progress_key(attempt_prefix(tenant, job_id, attempt), attempt)


def prefixes(tenant: str, job_id: str) -> tuple[str, str]:
    """Everything that a job has in the media bucket: its attempts, and what was published."""
    return f"{PREFIX}/{tenant}/{job_id}/", published_prefix(tenant, job_id)


def request_location(bucket: str, tenant: str, job_id: str, attempt: int) -> ObjectLocation:
    return ObjectLocation(bucket=bucket, key=attempt_prefix(tenant, job_id, attempt) + "request.json")


def attempt_of(input_location: str) -> tuple[str, str, int]:
    """Tenant, job and attempt of a request's S3 URI, which SageMaker's notification carries. Raises ValueError."""
    parts = input_location.split("/")[-5:]
    if len(parts) != 5 or parts[0] != PREFIX or parts[4] != "request.json":
        raise ValueError("not the location of one of our requests")
    return parts[1], parts[2], int(parts[3])


def published_prefix(tenant: str, job_id: str) -> str:
    return f"{PUBLISHED}/{tenant}/{job_id}/"
