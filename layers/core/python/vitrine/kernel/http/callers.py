"""Who calls, and how often: what stands before the routes of a function."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitrine.kernel import schema
from vitrine.kernel.errors import Forbidden, Unauthenticated
from vitrine.kernel.http.request import Request, headers_of
from vitrine.kernel.idempotency import Idempotency
from vitrine.kernel.limits import RateLimiter, deployed, network
from vitrine.kernel.principal import Principal
from vitrine.kernel.surface import Admitted, Authenticate, Callers, Limit, Per


@dataclass(frozen=True)
class _Apart:
    """A gate for authenticators that count nothing: each limit is a round trip of its own."""

    surface: str
    authenticate: Authenticate
    limiter: RateLimiter

    def __call__(self, token: str, limits: tuple[Limit, ...], now: datetime) -> Admitted:
        principal, headers = self.authenticate(token, now), dict[str, str]()
        for limit in limits:
            subject = f"{self.surface}#{_subject(principal, token, limit)}"
            headers.update(self.limiter.take(subject, limit, now).headers)
        return Admitted(principal, headers)


class Guard:
    """Who signs in, their limits, and the memory of their Idempotency-Keys.

    Raises `ConfigurationMissingError` at cold start when a variable is absent, and ValueError for callers that cannot
    be told apart.
    """

    def __init__(self, surface: str, callers: Callers) -> None:
        table = schema.GUARD.deployed_name()
        self.idempotency = Idempotency(table)
        self._limiter = RateLimiter(table)
        self._apart = _Apart(surface, callers.load(), self._limiter) if callers.load else None
        self._gate = callers.load_gate() if callers.load_gate else None
        if (self._apart is None) == (self._gate is None):
            raise ValueError(f"{surface}: callers have either an authenticator or a gate.")
        self._limits = tuple(map(deployed, callers.limits))
        self._many = callers.many
        self._surface = surface

    def admit(self, request: Request) -> None:
        """Raises `Unauthenticated`, `TooManyRequests`, and `Forbidden` for who has another role than the route wants.

        The call counts whatever the role.
        """
        policy = request.policy
        token = bearer_token(request.event, policy.token_parameter)
        limits = (deployed(policy.rate),) if policy.rate else self._limits
        admitted = self._admitted(token, limits, request.now)
        request.principal = admitted.principal
        request.headers.update(admitted.headers)
        if not policy.allow.holds(admitted.principal.role):
            raise Forbidden("Your role does not allow this.")

    def count(self, request: Request) -> None:
        """A call of a route that has a limit of its own. Raises `TooManyRequests`."""
        if request.policy.limit is not None:
            principal = _known(request)
            self._limiter.take(f"{self._surface}#{principal.tenant}", request.policy.limit, request.now)

    def scope(self, request: Request) -> str:
        """Idempotency-Keys are each tenant's own, and each surface's; and each actor's where many act for a tenant."""
        principal = _known(request)
        return f"{self._surface}#{principal.tenant}" + (f"#{principal.actor}" if self._many else "")

    def _admitted(self, token: str, limits: tuple[Limit, ...], now: datetime) -> Admitted:
        if self._gate is None:
            assert self._apart is not None
            return self._apart(token, limits, now)
        (limit,) = limits
        return self._gate(token, limit, now)


def count_stranger(limiter: RateLimiter, surface: str, request: Request) -> None:
    """A call of a public route that has a rate. Raises `TooManyRequests`."""
    if request.policy.is_public and request.policy.rate is not None:
        subject = f"{surface}#address#{network(request.address)}"
        request.headers.update(limiter.take(subject, deployed(request.policy.rate), request.now).headers)


def bearer_token(event: Mapping[str, Any], parameter: str | None = None) -> str:
    """The token of the Authorization header, else of the query `parameter`. Raises `Unauthenticated`."""
    scheme, _, token = headers_of(event).get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return str(token.strip())
    in_query = (event.get("queryStringParameters") or {}).get(parameter or "", "")
    if not in_query:
        raise Unauthenticated("Send a bearer token.", was_sent=False)
    return str(in_query)


def digest_of(token: str) -> str:
    """What a token is counted by; it is stored nowhere itself."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def _subject(principal: Principal, token: str, limit: Limit) -> str:
    if limit.per is Per.TENANT:
        return principal.tenant
    return f"{principal.tenant}#{principal.actor if limit.per is Per.ACTOR else digest_of(token)}"


def _known(request: Request) -> Principal:
    assert request.principal is not None
    return request.principal
