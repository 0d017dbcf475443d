from vitrine.identity import store
from vitrine.identity.models import User
from vitrine.kernel.call import Call
from vitrine.kernel.tables import Write


def registering(call: Call) -> tuple[Write, ...]:
    """The write that records who calls, for the transaction that opens the tenant's account.

    Idempotency key: the user's id.

    Conflicts with `AlreadyRegistered`. No e-mail address is kept: the token brings it when one is needed.
    """
    principal = call.principal
    user = User(
        id=principal.actor,
        tenant=principal.tenant,
        issuer=principal.issuer,
        subject=principal.subject,
        created_at=call.now,
    )
    return (store.insert(user),)
