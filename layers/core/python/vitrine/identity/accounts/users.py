"""Whose account it is: apart from `service`, so that who asks only that loads no keys and no tokens."""

from vitrine.identity.accounts import store
from vitrine.identity.accounts.models import User


def find(tenant: str) -> User | None:
    """By one read."""
    return store.user(tenant)
