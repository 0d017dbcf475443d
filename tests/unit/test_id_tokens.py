"""ID tokens: only what the provider made for our client, and who verified the address."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.clock import NOW
from vitrine.identity.keys import SigningKeys
from vitrine.identity.organisations import rules
from vitrine.identity.tokens import IdTokenVerifier
from vitrine.kernel.environment import OidcLogin
from vitrine.kernel.errors import Unauthenticated, Unavailable

CLIENT = "camera-app"
PROVIDER = OidcLogin(oidc_issuer="https://issuer.test/", oidc_client_id=CLIENT)
KEY, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))


def _fetch(url: str) -> dict[str, Any]:
    if url.endswith("/.well-known/openid-configuration"):
        return {"jwks_uri": "https://issuer.test/keys"}
    jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key()))
    return {"keys": [{**jwk, "kid": "one", "alg": "ES256"}]}


VERIFY = IdTokenVerifier(PROVIDER, SigningKeys(PROVIDER, _fetch))


def a_token(key: Any = KEY, media_type: str = "JWT", **claims: Any) -> str:
    body = {
        "iss": PROVIDER.oidc_issuer,
        "aud": CLIENT,
        "sub": "auth0|anna",
        "iat": NOW.timestamp(),
        "exp": (NOW + timedelta(minutes=5)).timestamp(),
        **claims,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(body, key, algorithm="ES256", headers={"kid": "one", "typ": media_type})


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"azp": CLIENT},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "https://api.test"], "azp": CLIENT},
        {"nonce": "n-1", "at_hash": "x"},
        {"typ": "ID"},
        {"token_use": "id"},
    ],
)
def test_what_the_provider_made_for_our_client_holds(claims: dict[str, Any]) -> None:
    assert VERIFY(a_token(**claims), None, NOW)["sub"] == "auth0|anna"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://issuer.test"},
        {"aud": "another-app"},
        {"aud": [CLIENT, "another-app"]},
        {"aud": [CLIENT, "another-app"], "azp": "another-app"},
        {"azp": "another-app"},
        {"iat": None},
        {"iat": (NOW + timedelta(minutes=1)).timestamp()},
        {"iat": "soon"},
        {"exp": (NOW - timedelta(seconds=31)).timestamp()},
        {"exp": None},
        {"sub": ""},
        {"sub": None},
        {"scope": "openid"},
        {"typ": "Bearer"},
        {"token_use": "access"},
    ],
)
def test_what_was_made_for_another_client_or_purpose_or_time_does_not(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        VERIFY(a_token(**claims), None, NOW)


def test_neither_an_access_token_nor_another_key_holds() -> None:
    for token in (a_token(media_type="at+jwt"), a_token(key=OTHER), "a.b.c"):
        with pytest.raises(Unauthenticated):
            VERIFY(token, None, NOW)


@pytest.mark.parametrize("nonce", ["n-2", "é"])
def test_a_nonce_that_the_client_says_must_be_the_tokens(nonce: str) -> None:
    assert VERIFY(a_token(nonce="n-1"), "n-1", NOW)
    for token in (a_token(nonce="n-1"), a_token()):
        with pytest.raises(Unauthenticated):
            VERIFY(token, nonce, NOW)


def test_without_a_client_nobody_signs_in() -> None:
    with pytest.raises(Unavailable):
        IdTokenVerifier(PROVIDER.model_copy(update={"oidc_client_id": None}))(a_token(), None, NOW)


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"email": "Anna@Dealer.example", "email_verified": True}, "anna@dealer.example"),
        ({"email": "anna@dealer.example", "email_verified": False}, None),
        ({"email": "anna@dealer.example", "email_verified": "true"}, None),
        ({"email": "anna@dealer.example"}, None),
        ({"email_verified": True}, None),
    ],
)
def test_an_address_counts_only_where_the_provider_verified_it(claims: dict[str, Any], email: str | None) -> None:
    assert rules.identity_of({"iss": "i", "sub": "s", **claims}).email == email
