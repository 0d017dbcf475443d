"""Signing keys in a file, newest first: the first signs, the others still verify."""

import json
import secrets
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from infra.local.workspace import write_atomically

KEPT = 3
ALGORITHM = "RS256"
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "key_ops"})

Jwk = dict[str, Any]


def load(path: Path) -> list[Jwk]:
    """The keys; the first is made when there is none. Read for every request, so that a rotation needs no restart."""
    if not path.exists():
        rotate(path)
    keys: list[Jwk] = json.loads(path.read_text())
    return keys


def rotate(path: Path) -> str:
    """Sign with a new key from now on. Returns its `kid`."""
    older: list[Jwk] = json.loads(path.read_text()) if path.exists() else []
    key = _new_key()
    write_atomically(path, json.dumps([key, *older][:KEPT]))
    return str(key["kid"])


def public_set(path: Path) -> dict[str, list[Jwk]]:
    """The JWK Set (RFC 7517), without what is private."""
    return {"keys": [{name: value for name, value in key.items() if name not in PRIVATE} for key in load(path)]}


def sign(path: Path, claims: dict[str, Any], kind: str) -> str:
    """A JWT of media type `kind` ("at+jwt", "JWT") by the newest key."""
    key = load(path)[0]
    return jwt.encode(claims, jwt.PyJWK(key).key, ALGORITHM, {"kid": key["kid"], "typ": kind})


def _new_key() -> Jwk:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {**RSAAlgorithm.to_jwk(private, as_dict=True), "kid": secrets.token_hex(8), "use": "sig", "alg": ALGORITHM}
