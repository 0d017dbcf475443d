"""Secrets by reference: environment variables carry a secret's ARN, never its value."""

import time

from vitrine.kernel import clients

FRESH_S = 300.0
_values: dict[str, tuple[float, str]] = {}


def value(arn: str, at_most_s: float = FRESH_S) -> str:
    """The secret's value, at most `at_most_s` seconds old: five minutes, so that a rotation needs no deploy."""
    fetched, secret = _values.get(arn, (0.0, ""))
    if not secret or time.monotonic() - fetched > at_most_s:
        secret = clients.secret_value(arn)
        _values[arn] = (time.monotonic(), secret)
    return secret


def replace(arn: str, text: str) -> None:
    """The secret is this text from now on; other processes read it once their own is too old. For operators: no
    function may write secrets."""
    clients.put_secret_value(arn, text)
    _values[arn] = (time.monotonic(), text)
