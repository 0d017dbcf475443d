"""The one clock. Rules and services take `now` as an argument; only entry points call `utc_now`."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """In whole milliseconds, which is what `timestamp` keeps: a stored moment equals the one it came from."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, so that timestamps sort as strings."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_s(moment: datetime) -> int:
    """Whole seconds since 1970, as DynamoDB's TTL and JWTs count them."""
    return int(moment.timestamp())
