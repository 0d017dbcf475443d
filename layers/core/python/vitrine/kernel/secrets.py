"""Secrets by reference: environment variables carry a secret's ARN, never its value."""

import time

from vitrine.kernel import clients

_FRESH_S = 300.0
_values: dict[str, tuple[float, str]] = {}


def value(arn: str) -> str:
    """The secret's current value, at most five minutes old, so that a rotation needs no deploy."""
    fetched, secret = _values.get(arn, (0.0, ""))
    if not secret or time.monotonic() - fetched > _FRESH_S:
        secret = clients.secret_value(arn)
        _values[arn] = (time.monotonic(), secret)
    return secret
