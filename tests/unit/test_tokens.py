"""Access tokens: only what the configured provider signed, for us, and not yet expired, names a principal."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.support.clock import NOW
from vitrine.identity.keys import REFETCH_AFTER, SigningKeys
from vitrine.identity.tokens import OidcVerifier
from vitrine.kernel.environment import Oidc
from vitrine.kernel.errors import Unauthenticated, Unavailable

PROVIDER = Oidc(oidc_issuer="https://issuer.test/", oidc_audience="https://api.vitrine.test")
KEY, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class Provider:
    """The provider's two documents, with a count of how often its keys were asked for."""

    def __init__(self) -> None:
        self.keys = {"one": KEY}
        self.fetches = 0
        self.is_down = False

    def fetch(self, url: str) -> dict[str, Any]:
        if url.endswith("/.well-known/openid-configuration"):
            return {"jwks_uri": "https://issuer.test/keys"}
        self.fetches += 1
        if self.is_down:
            raise OSError("down")
        return {"keys": [_jwk(kid, key) for kid, key in self.keys.items()]}


def _jwk(kid: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    jwk: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**jwk, "kid": kid, "alg": "RS256", "use": "sig"}


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def verify(provider: Provider) -> OidcVerifier:
    return OidcVerifier(PROVIDER, SigningKeys(PROVIDER, provider.fetch))


def a_token(
    key: Any = KEY, kid: str | None = "one", algorithm: str = "RS256", typ: str | None = "JWT", **claims: Any
) -> str:
    body = {
        "iss": PROVIDER.oidc_issuer,
        "aud": PROVIDER.oidc_audience,
        "sub": "auth0|alice",
        "exp": (NOW + timedelta(minutes=5)).timestamp(),
        **claims,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(body, key, algorithm=algorithm, headers={"typ": typ, **({"kid": kid} if kid else {})})


def test_a_good_token_names_the_same_principal_every_time(verify: OidcVerifier) -> None:
    assert verify(a_token(), NOW) == verify(a_token(), NOW)
    assert verify(a_token(), NOW).tenant != verify(a_token(sub="auth0|bob"), NOW).tenant


def test_one_of_several_audiences_is_enough(verify: OidcVerifier) -> None:
    assert verify(a_token(aud=["https://other.test", PROVIDER.oidc_audience]), NOW).tenant


def among(*keys: dict[str, Any]) -> OidcVerifier:
    """A verifier whose provider publishes these keys."""
    return OidcVerifier(
        PROVIDER, SigningKeys(PROVIDER, lambda url: {"jwks_uri": "k"} if "well" in url else {"keys": [*keys]})
    )


_CURVE = ec.generate_private_key(ec.SECP256R1())
_CURVE_JWK = {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(_CURVE.public_key())), "kid": "one"}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "others",
    [
        [{"key": KEY, "alg": "RS384"}, {"key": KEY, "alg": "RS512"}],
        [{"key": OTHER, "use": "enc"}],
        [{"key": OTHER, "alg": "RSA-OAEP-256", "use": "enc"}],
        [{"key": OTHER, "key_ops": ["encrypt"]}],
        [{"key": OTHER}],
    ],
    ids=["other algorithms", "for encryption", "encryption algorithm", "other operations", "another key"],
)
def test_a_good_token_is_taken_whatever_else_lies_under_its_keys_name(turned: bool, others: Any) -> None:
    keys = [_jwk("one", KEY), *({**_jwk("one", other.pop("key")), **other} for other in map(dict, others)), _CURVE_JWK]
    verify = among(*(reversed(keys) if turned else keys))
    assert verify(a_token(), NOW) == verify(a_token(key=_CURVE, algorithm="ES256"), NOW)


@pytest.mark.parametrize("more", [{"use": "enc"}, {"key_ops": ["encrypt"]}, {"alg": "RS512"}])
def test_a_key_that_is_for_something_else_verifies_nothing(more: dict[str, Any]) -> None:
    with pytest.raises((Unauthenticated, Unavailable)):
        among({**_jwk("one", KEY), **more})(a_token(), NOW)


@pytest.mark.parametrize(
    ("wanted", "typ", "claims", "taken"),
    [
        (None, "JWT", {}, True),
        (None, None, {}, True),
        (None, "at+jwt", {}, True),
        (None, "application/AT+JWT", {"nonce": "n"}, True),
        (None, "JWT", {"nonce": "n"}, False),
        (None, "JWT", {"at_hash": "h"}, False),
        (None, "dpop+jwt", {}, False),
        (None, "logout+jwt", {}, False),
        ("at+jwt", "at+jwt", {}, True),
        ("at+jwt", "JWT", {}, False),
        ("at+jwt", None, {}, False),
    ],
)
def test_an_id_token_is_no_access_token(wanted: str | None, typ: str | None, claims: Any, taken: bool) -> None:
    provider = Provider()
    chosen = PROVIDER.model_copy(update={"oidc_token_typ": wanted})
    verify = OidcVerifier(chosen, SigningKeys(chosen, provider.fetch))
    token = a_token(typ=typ, **claims)
    if taken:
        assert verify(token, NOW)
        return
    with pytest.raises(Unauthenticated) as refused:
        verify(token, NOW)
    assert refused.value.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_clocks_may_differ_a_little(verify: OidcVerifier) -> None:
    assert verify(a_token(nbf=(NOW + timedelta(seconds=10)).timestamp()), NOW)
    assert verify(a_token(exp=(NOW - timedelta(seconds=10)).timestamp()), NOW)


@pytest.mark.parametrize("document", [[], {"keys": 5}, {"keys": ["x"]}, "x", None, {"keys": []}])
def test_a_provider_that_answers_nonsense_is_one_that_cannot_be_reached(document: Any) -> None:
    verify = OidcVerifier(PROVIDER, SigningKeys(PROVIDER, lambda _: document))
    with pytest.raises(Unavailable):
        verify(a_token(), NOW)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(a_token(key=OTHER), id="signed by somebody else under our key's name"),
        pytest.param(a_token(kid="two"), id="unknown key"),
        pytest.param(a_token(kid=None), id="no key named"),
        pytest.param(a_token(iss="https://evil.test/"), id="foreign issuer"),
        pytest.param(a_token(aud="https://other.test"), id="foreign audience"),
        pytest.param(a_token(exp=(NOW - timedelta(minutes=5)).timestamp()), id="expired"),
        pytest.param(a_token(exp=None), id="never expires"),
        pytest.param(a_token(nbf=(NOW + timedelta(minutes=5)).timestamp()), id="not valid yet"),
        pytest.param(a_token(sub=None), id="names nobody"),
        pytest.param(a_token(sub=""), id="names an empty somebody"),
        pytest.param(a_token(key=None, algorithm="none"), id="alg none"),
        pytest.param(a_token(key="x" * 32, algorithm="HS256"), id="symmetric"),
        pytest.param("not.a.token", id="not a token"),
        pytest.param("", id="empty"),
        pytest.param("a" * 20_000, id="huge"),
        pytest.param(a_token()[:-4] + "AAAA", id="tampered signature"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(verify: OidcVerifier, token: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(token, NOW)


def test_the_public_key_used_as_an_hmac_secret_is_refused(verify: OidcVerifier) -> None:
    header = jwt.utils.base64url_encode(json.dumps({"alg": "HS256", "kid": "one"}).encode()).decode()
    body = a_token().split(".")[1]
    with pytest.raises(Unauthenticated):
        verify(f"{header}.{body}.c2lnbmF0dXJl", NOW)


def test_keys_are_fetched_once_for_many_tokens(verify: OidcVerifier, provider: Provider) -> None:
    for _ in range(20):
        verify(a_token(), NOW)
    assert provider.fetches == 1


def test_a_rotated_key_is_picked_up_without_an_outage(verify: OidcVerifier, provider: Provider) -> None:
    verify(a_token(), NOW)
    provider.keys["two"] = OTHER
    assert verify(a_token(key=OTHER, kid="two"), NOW)
    assert verify(a_token(), NOW)


def test_forged_key_names_cause_one_fetch_per_interval(verify: OidcVerifier, provider: Provider) -> None:
    verify(a_token(), NOW)
    later = NOW + REFETCH_AFTER
    for number in range(50):
        with pytest.raises(Unauthenticated):
            verify(a_token(kid=f"forged-{number}"), later)
    assert provider.fetches == 2


def test_a_forged_first_token_costs_no_more_than_one_fetch_extra(verify: OidcVerifier, provider: Provider) -> None:
    for number in range(50):
        with pytest.raises(Unauthenticated):
            verify(a_token(kid=f"forged-{number}"), NOW)
    assert provider.fetches <= 2


def test_known_keys_outlive_an_outage_of_the_provider(verify: OidcVerifier, provider: Provider) -> None:
    verify(a_token(), NOW)
    provider.is_down = True
    in_two_hours = NOW + timedelta(hours=2)
    assert verify(a_token(exp=(in_two_hours + timedelta(minutes=1)).timestamp()), in_two_hours)


def test_without_any_keys_the_answer_is_try_again_not_go_away(verify: OidcVerifier, provider: Provider) -> None:
    provider.is_down = True
    with pytest.raises(Unavailable):
        verify(a_token(), NOW)
