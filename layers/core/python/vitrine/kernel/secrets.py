"""Secrets by reference: environment variables carry a secret's ARN, never its value."""

import time
from functools import cache
from typing import Any

_FRESH_S = 300.0
_values: dict[str, tuple[float, str]] = {}


@cache
def _client() -> Any:
    import boto3  # costs 160 ms; most requests need no secret

    return boto3.client("secretsmanager")


def value(arn: str) -> str:
    """The secret's current value, at most five minutes old, so that a rotation needs no deploy."""
    fetched, secret = _values.get(arn, (0.0, ""))
    if not secret or time.monotonic() - fetched > _FRESH_S:
        secret = _client().get_secret_value(SecretId=arn)["SecretString"]
        _values[arn] = (time.monotonic(), secret)
    return secret
