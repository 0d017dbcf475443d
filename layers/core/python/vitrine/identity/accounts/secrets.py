"""The two secrets behind keys and tokens, fetched when first needed and at most five minutes old."""

from vitrine.kernel import secrets
from vitrine.kernel.environment import AccountSecrets


def pepper() -> bytes:
    """Keys digests of API keys and seals refresh tokens. It never changes: a new one ends all keys."""
    return secrets.value(AccountSecrets.load().key_pepper_secret_arn).encode()


def token_secrets(at_most_s: float = secrets.FRESH_S) -> tuple[str, ...]:
    """What access tokens are signed with, newest first: the newest signs, all verify."""
    return tuple(secrets.value(AccountSecrets.load().token_secret_arn, at_most_s).split())
