"""An OpenID provider on loopback that signs in whoever asks, by name: for development, never for people.

    python -m infra.local.identity.provider --port PORT --audience URL --keys FILE

Authorization code flow with PKCE (S256 only) for public clients on loopback redirect URIs (RFC 8252); access tokens
are JWTs (RFC 9068). Any name may sign in; another name is another account.
"""

import argparse
import base64
import hashlib
import html
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from infra.local.identity import keys

CODE_LIFETIME_S = 60
TOKEN_LIFETIME_S = 3600
ASKED = (
    *("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "audience"),
    *("code_challenge", "code_challenge_method"),
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PAGES = r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?"


class OAuthError(Exception):
    """An error response of RFC 6749 section 5.2."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(code)
        self.response = JSONResponse({"error": code, "error_description": description}, status)


@dataclass(frozen=True)
class Grant:
    """What one authorization code stands for."""

    asked: Mapping[str, str]
    name: str
    at: float


@dataclass(frozen=True)
class Provider:
    issuer: str
    audience: str
    keys: Path
    grants: dict[str, Grant] = field(default_factory=dict)

    def authorise(self, asked: Mapping[str, str], name: str) -> str:
        """A code, good once and for a minute."""
        code = secrets.token_urlsafe(24)
        self.grants[code] = Grant(asked, name, time.time())
        return code

    def redeem(self, form: Mapping[str, str]) -> Grant:
        """The grant of the code in `form`. Raises `OAuthError`."""
        grant = self.grants.pop(form.get("code", ""), None)
        if grant is None or time.time() - grant.at > CODE_LIFETIME_S:
            raise OAuthError("invalid_grant", "The code is unknown, used or too old.")
        if any(grant.asked[key] != form.get(key) for key in ("client_id", "redirect_uri")):
            raise OAuthError("invalid_grant", "The code was made for another client or redirect URI.")
        if grant.asked["code_challenge"] != challenge_of(form.get("code_verifier", "")):
            raise OAuthError("invalid_grant", "The code verifier is wrong.")
        return grant

    def access_token(self, grant: Grant) -> str:
        asked = grant.asked
        own = {"client_id": asked["client_id"], "azp": asked["client_id"], "scope": asked["scope"]}
        return keys.sign(self.keys, {**self._claims(grant, asked["audience"]), **own}, "at+jwt")

    def id_token(self, grant: Grant) -> str:
        own = {**profile(grant.name), "auth_time": int(grant.at)}
        nonce = {"nonce": grant.asked["nonce"]} if grant.asked["nonce"] else {}
        return keys.sign(self.keys, {**self._claims(grant, grant.asked["client_id"]), **own, **nonce}, "JWT")

    def _claims(self, grant: Grant, audience: str) -> dict[str, Any]:
        now = int(time.time())
        lasts = {"iat": now, "exp": now + TOKEN_LIFETIME_S, "jti": secrets.token_hex(12)}
        return {"iss": self.issuer, "sub": subject_of(grant.name), "aud": audience, **lasts}


def create_app(issuer: str, audience: str, key_file: Path) -> Starlette:
    """The provider's app; `audience` is what access tokens are for when a client asks for none."""
    keys.load(key_file)
    routes = [
        Route("/.well-known/openid-configuration", discovery),
        Route("/jwks", key_set),
        Route("/authorize", authorize, methods=["GET", "POST"]),
        Route("/token", token, methods=["POST"]),
        Route("/userinfo", userinfo, methods=["GET", "POST"]),
    ]
    # Pages sign in from a browser, as public clients do: what they ask is known to them, and no cookie is involved.
    pages = Middleware(CORSMiddleware, allow_origin_regex=PAGES, allow_methods=["GET", "POST"])
    app = Starlette(routes=routes, middleware=[pages], exception_handlers={OAuthError: _error})
    app.state.provider = Provider(issuer, audience, key_file)
    return app


def subject_of(name: str) -> str:
    return f"local|{name}"


def profile(name: str) -> dict[str, Any]:
    """The claims of the scopes `profile` and `email`; the domain is reserved for such use (RFC 6761)."""
    return {"name": name.title(), "nickname": name, "email": f"{name}@example.test", "email_verified": True}


def challenge_of(verifier: str) -> str:
    """PKCE's S256 (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def discovery(request: Request) -> Response:
    issuer = _provider(request).issuer
    endpoints = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
    return JSONResponse(
        {
            "issuer": issuer,
            **{f"{name}_endpoint": f"{issuer}/{path}" for name, path in endpoints.items()},
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email"],
            "id_token_signing_alg_values_supported": [keys.ALGORITHM],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


async def key_set(request: Request) -> Response:
    return JSONResponse(keys.public_set(_provider(request).keys))


async def authorize(request: Request) -> Response:
    """Ask for a name; with a name, go back to the client with a code."""
    provider = _provider(request)
    given = request.query_params if request.method == "GET" else await _form(request)
    asked = _checked({key: given.get(key, "") for key in ASKED}, provider.audience)
    if request.method == "GET":
        return HTMLResponse(_sign_in_page(asked))
    answer = {"code": provider.authorise(asked, _name(given)), "state": asked["state"], "iss": provider.issuer}
    return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)


async def token(request: Request) -> Response:
    provider = _provider(request)
    form = await _form(request)
    if form.get("grant_type") != "authorization_code":
        raise OAuthError("unsupported_grant_type", "Only authorization_code.")
    grant = provider.redeem(form)
    tokens = {"access_token": provider.access_token(grant), "token_type": "Bearer", "expires_in": TOKEN_LIFETIME_S}
    if "openid" in grant.asked["scope"].split():
        tokens["id_token"] = provider.id_token(grant)
    return JSONResponse({**tokens, "scope": grant.asked["scope"]}, headers={"Cache-Control": "no-store"})


async def userinfo(request: Request) -> Response:
    provider = _provider(request)
    _, _, bearer = request.headers.get("authorization", "").partition(" ")
    try:
        ring = jwt.PyJWKSet.from_dict(keys.public_set(provider.keys))
        key = ring[jwt.get_unverified_header(bearer).get("kid", "")]
        claims = jwt.decode(bearer, key, [keys.ALGORITHM], issuer=provider.issuer, options={"verify_aud": False})
    except (jwt.InvalidTokenError, KeyError) as error:
        raise OAuthError("invalid_token", "The access token is not valid.", 401) from error
    subject = claims["sub"]
    return JSONResponse({"sub": subject, **profile(subject.partition("|")[2])})


def _provider(request: Request) -> Provider:
    provider: Provider = request.app.state.provider
    return provider


async def _form(request: Request) -> Mapping[str, str]:
    return dict(parse_qsl((await request.body()).decode()))


def _checked(asked: dict[str, str], audience: str) -> dict[str, str]:
    if asked["response_type"] != "code" or not asked["client_id"]:
        raise OAuthError("invalid_request", "response_type is code, and client_id is given.")
    if asked["code_challenge_method"] != "S256" or not asked["code_challenge"]:
        raise OAuthError("invalid_request", "PKCE with S256 is required.")
    redirect = urlsplit(asked["redirect_uri"])
    if redirect.scheme != "http" or redirect.hostname not in LOOPBACK or redirect.query or redirect.fragment:
        raise OAuthError("invalid_request", "redirect_uri is a plain loopback address.")
    return {**asked, "audience": asked["audience"] or audience, "scope": asked["scope"] or "openid"}


def _name(given: Mapping[str, str]) -> str:
    name = given.get("name", "").strip().lower()
    if not name.replace("-", "").replace(".", "").isalnum() or len(name) > 64:
        raise OAuthError("invalid_request", "A name is letters, digits, dots and hyphens, at most 64.")
    return name


def _sign_in_page(asked: Mapping[str, str]) -> str:
    hidden = "".join(f'<input type="hidden" name="{k}" value="{html.escape(v)}">' for k, v in asked.items())
    return (
        '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="data:,"><title>Vitrine, local sign-in</title><main><h1>Local sign-in</h1>'
        f'<form method="post">{hidden}<label>Sign in as <input name="name" value="demo" autofocus></label> '
        "<button>Continue</button></form></main>"
    )


async def _error(request: Request, error: Exception) -> Response:
    assert isinstance(error, OAuthError)
    return error.response


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="infra.local.identity.provider")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--audience", required=True)
    parser.add_argument("--keys", type=Path, required=True)
    options = parser.parse_args(arguments)
    app = create_app(f"http://127.0.0.1:{options.port}", options.audience, options.keys)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
