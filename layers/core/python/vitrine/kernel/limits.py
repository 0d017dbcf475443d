"""Rate limits, exact under concurrency and one round trip each: one conditional increment of a window's counter."""

import hashlib
import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime

from botocore.exceptions import ClientError

from vitrine.kernel import tables
from vitrine.kernel.environment import Limits
from vitrine.kernel.errors import TooManyRequests
from vitrine.kernel.surface import Limit


@dataclass(frozen=True)
class LimitStatus:
    """Where a subject stands in a window, as the `RateLimit` headers say it (draft-ietf-httpapi-ratelimit-headers)."""

    limit: Limit
    remaining: int
    reset_s: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.limit.name}";q={self.limit.amount};w={self.limit.seconds}',
            "RateLimit": f'"{self.limit.name}";r={self.remaining};t={self.reset_s}',
        }


def window(limit: Limit, now: datetime) -> tuple[int, int]:
    """The window's number, and the whole seconds until it ends (at least 1)."""
    elapsed = int(now.timestamp())
    return elapsed // limit.seconds, limit.seconds - elapsed % limit.seconds


def deployed(limit: Limit) -> Limit:
    """The limit as it is declared, or what the deployment puts in the place of those by minute."""
    amount = Limits.load().requests_per_minute
    return replace(limit, amount=amount) if amount and limit.seconds == 60 else limit


def network(address: str) -> str:
    """What one caller's addresses have in common, hashed: an IPv4 address, the first 64 bits of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    common = str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
    return hashlib.sha256(common.encode()).hexdigest()[:32]


class RateLimiter:
    def __init__(self, table: str) -> None:
        self._table = table

    def take(self, subject: str, limit: Limit, now: datetime, amount: int = 1) -> LimitStatus:
        """Count one request, or `amount` of what the limit counts. Raises `TooManyRequests`, and counts nothing, when
        that is more than is left of the window."""
        number, reset_s = window(limit, now)
        try:
            count = self._increment(f"LIMIT#{subject}", f"{limit.name}#{number}", limit, now, amount)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            raise exceeded(LimitStatus(limit, 0, reset_s)) from None
        return LimitStatus(limit, limit.amount - count, reset_s)

    def _increment(self, partition: str, sort: str, limit: Limit, now: datetime, amount: int) -> int:
        answer = tables.client().update_item(
            TableName=self._table,
            Key={"pk": {"S": partition}, "sk": {"S": sort}},
            UpdateExpression="ADD #count :amount SET expires_at = :end",
            ConditionExpression="attribute_not_exists(#count) OR #count <= :most",
            ExpressionAttributeNames={"#count": "count"},
            ExpressionAttributeValues={
                ":amount": {"N": str(amount)},
                ":most": {"N": str(limit.amount - amount)},
                ":end": {"N": str(int(now.timestamp()) + 2 * limit.seconds)},
            },
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["count"]["N"])


def exceeded(status: LimitStatus) -> TooManyRequests:
    return TooManyRequests(
        f"At most {status.limit.amount} {status.limit.what} every {status.limit.seconds} seconds.",
        retry_after_s=status.reset_s,
        headers=status.headers,
    )
