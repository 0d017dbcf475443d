"""AWS clients, one of each a process. A call that hangs is given up after 8 s and made at most three times."""

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from vitrine.kernel import tables

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from mypy_boto3_stepfunctions import SFNClient

_CONFIG = Config(connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 3, "mode": "standard"})


@cache
def _client(service: str) -> Any:
    import boto3  # costs 160 ms; API routes that need none of these never pay it

    client: Any = boto3.client  # one call for every service: the typed overloads want each name spelt out
    return client(service, config=_CONFIG)


def s3() -> "S3Client":
    client: S3Client = _client("s3")
    return client


def events() -> "EventBridgeClient":
    client: EventBridgeClient = _client("events")
    return client


def states() -> "SFNClient":
    client: SFNClient = _client("stepfunctions")
    return client


def mail() -> Any:
    return _client("sesv2")


def sagemaker() -> Any:
    return _client("sagemaker")


def sagemaker_runtime() -> "SageMakerRuntimeClient":
    client: SageMakerRuntimeClient = _client("sagemaker-runtime")
    return client


@cache
def patient_sagemaker_runtime() -> "SageMakerRuntimeClient":
    """Waits for an answer as long as a serverless endpoint may take for it, 60 s, and asks once."""
    import boto3  # as above

    config = Config(connect_timeout=2, read_timeout=62, retries={"total_max_attempts": 1, "mode": "standard"})
    return boto3.client("sagemaker-runtime", config=config)


ANSWER_WITHIN_S = 20
"""Of a function that is called while a client waits; the gateway gives up after 29 s, and there is more to do."""


@cache
def functions() -> Any:
    """Lambda, for calls that are waited for: each is made once, since a second one would come on top of the first."""
    import boto3  # as above

    config = Config(connect_timeout=2, read_timeout=ANSWER_WITHIN_S, retries={"total_max_attempts": 1})
    return boto3.client("lambda", config=config)


def secret_value(arn: str) -> str:
    secret: str = secrets_manager().get_secret_value(SecretId=arn)["SecretString"]
    return secret


def put_secret_value(arn: str, text: str) -> None:
    secrets_manager().put_secret_value(SecretId=arn, SecretString=text)


@cache
def secrets_manager() -> Any:
    """By the tables' session: a function whose only client this is need not import boto3."""
    return tables.connection().session.create_client("secretsmanager", config=_CONFIG)
