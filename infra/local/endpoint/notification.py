"""The message that SageMaker sends to SNS when an asynchronous invocation has ended."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.local.endpoint.config import HostConfig
from infra.local.endpoint.spool import Invocation

INCLUDED_RESPONSE_LIMIT = 128 * 2**10
"""Bytes; SageMaker leaves larger responses out of its messages (AsyncInferenceNotificationConfig)."""


@dataclass(frozen=True)
class Outcome:
    """`failure` None: completed. `body` is what the container answered, empty when it did not answer."""

    failure: str | None
    body: bytes = b""
    content_type: str = "application/json"


def notification(invocation: Invocation, outcome: Outcome, config: HostConfig, now: datetime) -> dict[str, Any]:
    """The message's fields; what the request did not give is left out.

    Source: the developer guide's "Check prediction results" and messages that users published. The guide words neither
    the message of an expired request nor that of a timeout: those two reasons are ours.
    """
    parts = {
        "awsRegion": config.region,
        "eventTime": _timestamp(now),
        "receivedTime": _timestamp(invocation.received_at),
        "invocationStatus": "Failed" if outcome.failure else "Completed",
        "failureReason": outcome.failure,
        "requestParameters": _asked(invocation),
        "responseParameters": None if outcome.failure else _answered(invocation, outcome),
        "responseBody": _included(outcome, config),
        "inferenceId": invocation.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    return {name: value for name, value in parts.items() if value is not None}


def trial(config: HostConfig) -> str:
    """What SageMaker sends to an endpoint's topics to see whether it may: it names no request and no outcome.

    Its wording is documented nowhere and ours; that it comes when an endpoint is made, changed or scaled is known from
    those whom it met. Readers must know it by what it lacks.
    """
    return json.dumps({"eventSource": "aws:sagemaker", "eventName": "TestNotification", "awsRegion": config.region})


def failure_reason(status: int) -> str | None:
    """SageMaker's words for a container's HTTP status; None for success."""
    if 200 <= status < 300:
        return None
    who = "server" if status >= 500 else "client"
    return (
        f"ClientError: Received {who} error ({status}) from model. "
        "See the SageMaker Endpoint logs in your account for more information."
    )


def _asked(invocation: Invocation) -> dict[str, str]:
    asked = {
        "accept": invocation.accept,
        "contentType": invocation.content_type,
        "customAttributes": invocation.custom_attributes,
        "endpointName": invocation.endpoint_name,
        "inputLocation": invocation.input_location,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _answered(invocation: Invocation, outcome: Outcome) -> dict[str, str]:
    return {"contentType": outcome.content_type, "outputLocation": invocation.output_location}


def _included(outcome: Outcome, config: HostConfig) -> dict[str, str] | None:
    topic = "ERROR_NOTIFICATION_TOPIC" if outcome.failure else "SUCCESS_NOTIFICATION_TOPIC"
    if topic not in config.include_response_in or not 0 < len(outcome.body) <= INCLUDED_RESPONSE_LIMIT:
        return None
    return {
        "content": base64.b64encode(outcome.body).decode(),
        "message": "Check S3 path location(if configured) or Cloudwatch for additional details.",
        "encoding": "BASE64",
    }


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
