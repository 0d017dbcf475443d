"""What all realstaging Lambdas share: OIDC access tokens, problem details, and the account that a first call opens."""

from datetime import datetime

from vitrine.billing import service as billing
from vitrine.identity.tokens import OidcVerifier
from vitrine.kernel import operations
from vitrine.kernel.call import Call
from vitrine.kernel.environment import Deployment, GuardTable, Limits, Oidc
from vitrine.kernel.http import Api, Guard
from vitrine.kernel.idempotency import Idempotency
from vitrine.kernel.ids import Ids
from vitrine.kernel.limits import Limit, RateLimiter
from vitrine.kernel.principal import Principal

SURFACE = "realstaging"
TAKES_WORK = frozenset({"POST /api/v1/images"})
"""Routes that are closed during maintenance."""


def guarded(*, token_parameter: str | None = None, repeatable: frozenset[str] = frozenset()) -> Api:
    """The surface behind its guard. Raises `ConfigurationMissingError` at cold start when a variable is absent."""
    Deployment.load()
    table = GuardTable.load()
    verify = OidcVerifier(Oidc.load())

    def authenticate(token: str, now: datetime) -> Principal:
        principal = verify(token, now)
        billing.provision(Call(principal, now, Ids.random(now), "provision"))
        return principal

    guard = Guard(
        authenticate=authenticate,
        limiter=RateLimiter(table),
        limits=(Limit("minute", Limits.load().requests_per_minute, 60),),
        idempotency=Idempotency(table),
        token_parameter=token_parameter,
        repeatable=repeatable,
    )
    return Api(SURFACE, guard=guard, gate=operations.gate(TAKES_WORK))
