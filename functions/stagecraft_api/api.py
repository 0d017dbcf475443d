"""What all stagecraft Lambdas share: API keys and access tokens, the document's errors.

No limit counts requests here: the document limits stagings alone (`vitrine.billing.usage`), and the gateway throttles.
"""

from functions.stagecraft_api.errors import CONTENT_TYPE, render
from vitrine.identity.accounts import service as accounts
from vitrine.kernel import operations
from vitrine.kernel.environment import AccountSecrets, Deployment, GuardTable
from vitrine.kernel.http import Api, Guard
from vitrine.kernel.idempotency import Idempotency
from vitrine.kernel.limits import RateLimiter

SURFACE = "stagecraft"
TAKES_WORK = frozenset({"POST /api/stage", "POST /api/stage/batch"})
"""Routes that are closed during maintenance."""


def guarded(
    *,
    form_routes: frozenset[str] = frozenset(),
    repeatable: frozenset[str] = frozenset(),
    public: frozenset[str] = frozenset(),
) -> Api:
    """The surface behind its guard. Raises `ConfigurationMissingError` at cold start when a variable is absent."""
    Deployment.load()
    AccountSecrets.load()
    table = GuardTable.load()
    guard = Guard(
        authenticate=accounts.authenticate,
        idempotency=Idempotency(table),
        limiter=RateLimiter(table),
        repeatable=repeatable,
        public=public,
    )
    return Api(
        SURFACE,
        guard=guard,
        render=render,
        error_type=CONTENT_TYPE,
        form_routes=form_routes,
        presign="POST /api/uploads/presign",
        gate=operations.gate(TAKES_WORK),
    )
