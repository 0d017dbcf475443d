"""The keys that tokens are signed with (ES256), made from the lines of one generated secret, newest first.

The newest signs, all verify. A line is random text, and once another took its place `@` and when that was. So rotating
is writing one line, and a key is kept until the last token it signed is over.
"""

import base64
import hashlib
import json
import secrets as stdlib_secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.algorithms import ECAlgorithm

from vitrine.identity.organisations import rules
from vitrine.kernel import secrets
from vitrine.kernel.clock import timestamp
from vitrine.kernel.environment import SigningSecret

ALGORITHM = "ES256"
# FIPS 186-5, appendix A.2.1: 64 bits more than the order has, so that no remainder is more likely than another.
_BYTES = 40
_ORDER = int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
_PURPOSE = b"vitrine organisations ES256"
LOOK_AGAIN_S = 10.0
KEPT_FOR = rules.DEVICE_TOKEN_FOR + rules.RENEWABLE_FOR + timedelta(days=1)
"""After another key took its place: the life of the longest token, and a day for processes that heard of it late."""


@dataclass(frozen=True)
class SigningKey:
    kid: str
    private: ec.EllipticCurvePrivateKey

    @property
    def public(self) -> ec.EllipticCurvePublicKey:
        return self.private.public_key()

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key (RFC 7517)."""
        return {**_members(self.public), "kid": self.kid, "alg": ALGORITHM, "use": "sig"}


def known(at_most_s: float = secrets.FRESH_S) -> Mapping[str, SigningKey]:
    """By `kid`, newest first."""
    return {key.kid: key for key in map(_key, _seeds(_text(at_most_s)))}


def newest() -> SigningKey:
    return _key(_seeds(_text(secrets.FRESH_S))[0])


def rotate(now: datetime) -> tuple[str, ...]:
    """Sign with a new key from now on; other processes do so within five minutes. The names of all that are kept.

    Idempotency key: none; each call makes a key, and no token ends by it.
    """
    arn = SigningSecret.load().signing_secret_arn
    text = rotated(secrets.value(arn, 0), stdlib_secrets.token_hex(32), now)
    secrets.replace(arn, text)
    return tuple(_key(seed).kid for seed in _seeds(text))


def rotated(text: str, fresh: str, now: datetime) -> str:
    """The secret with one more line, `fresh`, which signs from now on; without those that verify nothing any more."""
    first, *older = text.split()
    lines = [fresh, f"{first.partition('@')[0]}@{timestamp(now)}", *(line for line in older if _is_kept(line, now))]
    return "\n".join(lines)


def _is_kept(line: str, now: datetime) -> bool:
    _, _, since = line.partition("@")
    return not since or now - datetime.fromisoformat(since) < KEPT_FOR


def _text(at_most_s: float) -> str:
    return secrets.value(SigningSecret.load().signing_secret_arn, at_most_s)


def _seeds(text: str) -> list[str]:
    return [line.partition("@")[0] for line in text.split()]


@lru_cache(maxsize=16)
def _key(seed: str) -> SigningKey:
    raw = HKDF(SHA256(), _BYTES, salt=None, info=_PURPOSE).derive(seed.encode())
    private = ec.derive_private_key(int.from_bytes(raw, "big") % (_ORDER - 1) + 1, ec.SECP256R1())
    return SigningKey(_thumbprint(private.public_key()), private)


def _members(public: ec.EllipticCurvePublicKey) -> dict[str, str]:
    jwk = ECAlgorithm.to_jwk(public, as_dict=True)
    return {name: str(jwk[name]) for name in ("crv", "kty", "x", "y")}


def _thumbprint(public: ec.EllipticCurvePublicKey) -> str:
    """RFC 7638: the digest of the members that a key needs, in the order of their names."""
    text = json.dumps(_members(public), separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
