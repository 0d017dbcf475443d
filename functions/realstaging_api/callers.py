"""Who calls realstaging: OIDC access tokens, and the account that a first call opens."""

from datetime import datetime

from vitrine.billing import service as billing
from vitrine.identity.tokens import OidcVerifier
from vitrine.kernel.call import Call
from vitrine.kernel.environment import Oidc
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal
from vitrine.kernel.surface import Authenticate


def authenticator() -> Authenticate:
    """Raises `ConfigurationMissingError` at cold start when a variable is absent."""
    verify = OidcVerifier(Oidc.load())

    def authenticate(token: str, now: datetime) -> Principal:
        principal = verify(token, now)
        billing.provision(Call(principal, now, Ids.random(now), "provision"))
        return principal

    return authenticate
