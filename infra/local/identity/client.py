"""Signing in without a browser: the authorization code flow with PKCE, as a command-line client does it."""

import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx

from infra.errors import CommandError
from infra.local.identity.provider import challenge_of

CLIENT_ID = "vitrine-cli"
REDIRECT = "http://127.0.0.1/callback"


@dataclass(frozen=True)
class Tokens:
    access_token: str
    id_token: str


def sign_in(issuer: str, name: str, audience: str | None = None) -> Tokens:
    """Tokens for the local user `name`. Raises `CommandError` when the provider refuses or does not answer."""
    with httpx.Client(timeout=10, trust_env=False) as http:
        try:
            return _sign_in(http, issuer, name, audience)
        except httpx.HTTPStatusError as refused:
            reason = refused.response.json().get("error_description", "")
            raise CommandError(
                "The identity provider refused to sign in.", reason or "See `vitrine logs identity`."
            ) from refused
        except httpx.TransportError as error:
            raise CommandError("The identity provider does not answer.", "`vitrine up` starts it.") from error


def _sign_in(http: httpx.Client, issuer: str, name: str, audience: str | None) -> Tokens:
    where = http.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
    verifier = secrets.token_urlsafe(48)
    asked = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code"}
    asked |= {"scope": "openid profile email", "state": secrets.token_urlsafe(12), "audience": audience or ""}
    asked |= {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    code = _code(http.post(where["authorization_endpoint"], data={**asked, "name": name}), asked["state"])
    exchange = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    exchange |= {"client_id": CLIENT_ID, "redirect_uri": REDIRECT}
    tokens = http.post(where["token_endpoint"], data=exchange).raise_for_status().json()
    return Tokens(tokens["access_token"], tokens["id_token"])


def _code(answer: httpx.Response, state: str) -> str:
    if not answer.is_redirect:
        answer.raise_for_status()
    sent_back = parse_qs(urlsplit(answer.headers["location"]).query)
    if sent_back["state"] != [state]:
        raise CommandError("The identity provider answered another request.", "Try again.")
    return sent_back["code"][0]
