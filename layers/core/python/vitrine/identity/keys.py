"""The identity provider's public keys: fetched once, kept, and fetched again at a bounded rate.

A token with an unknown `kid` is how a key rotation first shows, so it causes a new fetch; but at most one every
`REFETCH_AFTER`, so that forged `kid`s cannot turn us against the provider. Keys are kept when a refresh fails.
"""

import json
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from jwt import PyJWK, PyJWKSet
from jwt.exceptions import PyJWKSetError

from vitrine.kernel.environment import OidcProvider
from vitrine.kernel.errors import Unavailable
from vitrine.kernel.observability import crash_fields, logger

REFETCH_AFTER = timedelta(seconds=30)
FRESH_FOR = timedelta(hours=1)
_TIMEOUT_S = 3

FetchJson = Callable[[str], dict[str, Any]]


def fetch_json(url: str) -> dict[str, Any]:
    """GET a JSON document; the URL comes from configuration, never from a request."""
    with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        document: dict[str, Any] = json.loads(answer.read(1_000_000))
        return document


class SigningKeys:
    def __init__(self, provider: OidcProvider, fetch: FetchJson = fetch_json) -> None:
        self._provider = provider
        self._fetch = fetch
        self._keys: dict[str, list[PyJWK]] = {}
        self._tried_at: datetime | None = None
        self._doubted_at: datetime | None = None
        self._fetched_at: datetime | None = None

    def find(self, kid: str, algorithm: str, now: datetime) -> list[PyJWK]:
        """The keys of that name that verify such signatures; several keys may share a name (RFC 7517 section 4.5).

        Raises `Unavailable` when no key could be fetched yet at all.
        """
        if self._is_stale(now) or self._may_be_new(kid, algorithm, now):
            self._refresh(now)
        if not self._keys:
            raise Unavailable("The identity provider cannot be reached.", retry_after_s=5)
        return self._known(kid, algorithm)

    def _known(self, kid: str, algorithm: str) -> list[PyJWK]:
        return [key for key in self._keys.get(kid, ()) if key.algorithm_name == algorithm]

    def _is_stale(self, now: datetime) -> bool:
        is_old = self._fetched_at is None or now - self._fetched_at > FRESH_FOR
        return is_old and _is_past(self._tried_at, now)

    def _may_be_new(self, kid: str, algorithm: str, now: datetime) -> bool:
        """Unknown names have an allowance of their own, so that a key rotated right after a fetch is found at once."""
        if self._known(kid, algorithm) or not _is_past(self._doubted_at, now):
            return False
        self._doubted_at = now
        return True

    def _refresh(self, now: datetime) -> None:
        self._tried_at = now
        try:
            keys = PyJWKSet.from_dict(self._fetch(self._jwks_url())).keys
        except (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError, PyJWKSetError) as error:
            logger.warning("signing keys could not be fetched", **crash_fields(error))
            return
        self._keys = defaultdict(list)
        for key in filter(_verifies, keys):
            self._keys[str(key.key_id)].append(key)
        self._fetched_at = now

    def _jwks_url(self) -> str:
        if self._provider.oidc_jwks_url:
            return self._provider.oidc_jwks_url
        discovery = f"{self._provider.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
        return str(self._fetch(discovery)["jwks_uri"])


def _verifies(key: PyJWK) -> bool:
    """Whether a key has a name and is for signatures, as far as it says what it is for (RFC 7517 section 4.2, 4.3)."""
    operations = key._jwk_data.get("key_ops")
    return bool(key.key_id) and key.public_key_use in (None, "sig") and (operations is None or "verify" in operations)


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is None or now - moment >= REFETCH_AFTER
