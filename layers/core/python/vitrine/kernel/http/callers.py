"""Who calls, and how often: what stands before the routes of a function that has some for those who sign in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vitrine.kernel import schema
from vitrine.kernel.environment import Limits
from vitrine.kernel.errors import Unauthenticated
from vitrine.kernel.http.request import Request, headers_of
from vitrine.kernel.idempotency import Idempotency
from vitrine.kernel.limits import RateLimiter
from vitrine.kernel.surface import Callers, Limit


class Guard:
    """The surface's authenticator, its limits, and its memory of Idempotency-Keys.

    Raises `ConfigurationMissingError` at cold start when a variable is absent.
    """

    def __init__(self, surface: str, callers: Callers) -> None:
        table = schema.GUARD.deployed_name()
        self.authenticate = callers.load()
        self.idempotency = Idempotency(table)
        self._limiter = RateLimiter(table)
        self._limits = _deployed(callers.limits)
        self._surface = surface

    def admit(self, request: Request) -> None:
        """Raises `Unauthenticated` and `TooManyRequests`."""
        token = bearer_token(request.event, request.policy.token_parameter)
        request.principal = self.authenticate(token, request.now)
        for limit in self._limits:
            request.headers.update(self._limiter.take(self.scope(request), limit, request.now).headers)

    def count(self, request: Request) -> None:
        """A call of a route that has a limit of its own. Raises `TooManyRequests`."""
        if request.policy.limit is not None:
            self._limiter.take(self.scope(request), request.policy.limit, request.now)

    def scope(self, request: Request) -> str:
        """Limits and Idempotency-Keys are each tenant's own, and each surface's."""
        assert request.principal is not None
        return f"{self._surface}#{request.principal.tenant}"


def bearer_token(event: Mapping[str, Any], parameter: str | None = None) -> str:
    """The token of the Authorization header, else of the query `parameter`. Raises `Unauthenticated`."""
    scheme, _, token = headers_of(event).get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return str(token.strip())
    in_query = (event.get("queryStringParameters") or {}).get(parameter or "", "")
    if not in_query:
        raise Unauthenticated("Send a bearer token.", was_sent=False)
    return str(in_query)


def _deployed(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """The limits that the surface declares, or what the deployment puts in the place of those by minute."""
    amount = Limits.load().requests_per_minute
    return tuple(replace(limit, amount=amount) if amount and limit.seconds == 60 else limit for limit in limits)
