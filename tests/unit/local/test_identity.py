import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
import uvicorn

from infra.errors import CommandError
from infra.local import ports
from infra.local.identity import client, keys, provider

AUDIENCE = "https://api.vitrine.local"
VERIFIER = "v" * 43
ASKED = {
    "client_id": "app",
    "redirect_uri": "http://127.0.0.1:5173/callback",
    "response_type": "code",
    "scope": "openid email",
    "state": "s1",
    "code_challenge": provider.challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


class Running:
    """The provider as `up` starts it, on a port of its own."""

    def __init__(self, key_file: Path) -> None:
        port = ports.any_free()
        self.issuer = f"http://127.0.0.1:{port}"
        self.keys = key_file
        app = provider.create_app(self.issuer, AUDIENCE, key_file)
        self._server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="error"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> "Running":
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    def code(self, **changed: str) -> httpx.Response:
        return httpx.post(f"{self.issuer}/authorize", data={**ASKED, "name": "alice", **changed})

    def redeem(self, code: str, **changed: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "client_id": "app"}
        form |= {"redirect_uri": ASKED["redirect_uri"]}
        return httpx.post(f"{self.issuer}/token", data={**form, **changed})

    def verified(self, token: str, audience: str = AUDIENCE) -> dict[str, Any]:
        """By what any OIDC client does: discovery, JWKS, signature, issuer, audience."""
        found = httpx.get(f"{self.issuer}/.well-known/openid-configuration").json()
        key = jwt.PyJWKClient(found["jwks_uri"]).get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(token, key, ["RS256"], audience=audience, issuer=found["issuer"])
        return claims


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("identity") / "keys.json") as started:
        yield started


def code_of(answer: httpx.Response) -> str:
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def test_an_access_token_is_a_signed_jwt_for_the_api(running: Running) -> None:
    token = client.sign_in(running.issuer, "alice").access_token

    claims = running.verified(token)

    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == ("RS256", "at+jwt")
    assert header["kid"]
    assert claims["sub"] == "local|alice"
    assert claims["exp"] - claims["iat"] == provider.TOKEN_LIFETIME_S
    assert abs(claims["iat"] - datetime.now(UTC).timestamp()) < 60


def test_an_id_token_is_for_the_client_and_names_the_person(running: Running) -> None:
    claims = running.verified(client.sign_in(running.issuer, "alice").id_token, audience=client.CLIENT_ID)

    assert (claims["sub"], claims["email"]) == ("local|alice", "alice@example.test")


def test_another_name_is_another_person(running: Running) -> None:
    alice, bob = (running.verified(client.sign_in(running.issuer, name).access_token) for name in ("alice", "bob"))

    assert alice["sub"] != bob["sub"]


def test_a_client_may_ask_for_another_audience(running: Running) -> None:
    token = client.sign_in(running.issuer, "alice", audience="https://other.example").access_token

    assert running.verified(token, audience="https://other.example")["aud"] == "https://other.example"


def test_a_code_and_its_state_go_back_to_the_client(running: Running) -> None:
    answer = running.code()

    assert answer.status_code == 302
    assert answer.headers["location"].startswith(ASKED["redirect_uri"] + "?code=")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["state"] == ["s1"]


def test_a_nonce_comes_back_in_the_id_token(running: Running) -> None:
    tokens = running.redeem(code_of(running.code(nonce="n-1"))).json()

    assert running.verified(tokens["id_token"], audience="app")["nonce"] == "n-1"


def test_a_code_is_good_once(running: Running) -> None:
    code = code_of(running.code())

    assert running.redeem(code).status_code == 200
    assert running.redeem(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "w" * 43}, {"client_id": "other"}, {"redirect_uri": "http://127.0.0.1:1/"}, {"code": "made-up"}],
)
def test_a_code_is_good_for_who_asked_for_it_only(running: Running, changed: dict[str, str]) -> None:
    code = code_of(running.code())

    assert running.redeem(**{"code": code, **changed}).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_a_minute(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_of(running.code())
    monkeypatch.setattr(provider, "CODE_LIFETIME_S", -1)

    assert running.redeem(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1.evil.example/"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"response_type": "token"},
        {"client_id": ""},
        {"name": "<script>"},
        {"name": ""},
    ],
)
def test_a_request_that_is_not_sound_is_refused_and_redirects_nowhere(
    running: Running, changed: dict[str, str]
) -> None:
    answer = running.code(**changed)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "location" not in answer.headers


def test_the_sign_in_page_shows_what_was_asked_as_text(running: Running) -> None:
    page = httpx.get(f"{running.issuer}/authorize", params={**ASKED, "state": '"><script>alert(1)</script>'})

    assert page.status_code == 200
    assert "<script>" not in page.text


def test_a_refused_name_is_told_to_who_asked_on_the_command_line(running: Running) -> None:
    with pytest.raises(CommandError, match="refused") as failed:
        client.sign_in(running.issuer, "not a name!")

    assert "letters" in failed.value.advice


def test_a_provider_that_does_not_run_is_told() -> None:
    with pytest.raises(CommandError, match="does not answer"):
        client.sign_in(f"http://127.0.0.1:{ports.any_free()}", "alice")


def test_userinfo_answers_the_bearer_of_a_token(running: Running) -> None:
    token = client.sign_in(running.issuer, "alice").access_token

    answer = httpx.get(f"{running.issuer}/userinfo", headers={"Authorization": f"Bearer {token}"})

    assert answer.json()["email"] == "alice@example.test"


@pytest.mark.parametrize("token", ["made-up", "e30.e30.", jwt.encode({"sub": "local|alice"}, "k" * 32)])
def test_userinfo_answers_nobody_else(running: Running, token: str) -> None:
    answer = httpx.get(f"{running.issuer}/userinfo", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401


def test_after_a_rotation_new_tokens_have_a_new_key_and_older_ones_stay_valid(running: Running) -> None:
    older = client.sign_in(running.issuer, "alice").access_token

    kid = keys.rotate(running.keys)

    newer = client.sign_in(running.issuer, "alice").access_token
    assert jwt.get_unverified_header(newer)["kid"] == kid != jwt.get_unverified_header(older)["kid"]
    assert running.verified(newer)
    assert running.verified(older)


def test_a_key_that_has_been_rotated_out_verifies_no_more(running: Running) -> None:
    token = client.sign_in(running.issuer, "alice").access_token

    for _ in range(keys.KEPT):
        keys.rotate(running.keys)

    with pytest.raises(jwt.PyJWKClientError):
        running.verified(token)


def test_no_private_part_of_a_key_is_published(running: Running) -> None:
    published = httpx.get(f"{running.issuer}/jwks").json()["keys"]

    assert published
    assert all(set(key) == {"kty", "kid", "use", "alg", "n", "e"} for key in published)


def test_keys_outlive_the_provider(tmp_path: Path) -> None:
    with Running(tmp_path / "keys.json") as first:
        before = httpx.get(f"{first.issuer}/jwks").json()
    with Running(tmp_path / "keys.json") as second:
        assert httpx.get(f"{second.issuer}/jwks").json() == before


def test_the_key_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    keys.rotate(tmp_path / "keys.json")

    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
