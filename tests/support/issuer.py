"""An identity provider on loopback: serves its discovery document and keys, and signs whatever tokens a test wants."""

import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "https://api.vitrine.test"
CLIENT_ID = "vitrine-tests"


class Issuer:
    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def token(self, name: str = "alice", **claims: Any) -> str:
        body = {"iss": self.url, "aud": AUDIENCE, "sub": f"auth0|{name}", "exp": int(time.time()) + 300, **claims}
        return jwt.encode(body, self._key, algorithm="RS256", headers={"kid": "one"})

    def id_token(self, name: str = "alice", **claims: Any) -> str:
        """What tells the client `CLIENT_ID` who signed in (OpenID Connect Core, section 2)."""
        person = {"email": f"{name}@example.test", "email_verified": True, "iat": int(time.time())}
        return self.token(name, **{"aud": CLIENT_ID, **person, **claims})

    def _documents(self) -> dict[str, Any]:
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}keys"},
            "/keys": {"keys": [{**jwk, "kid": "one", "alg": "RS256", "use": "sig"}]},
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                document = issuer._documents().get(self.path)
                self.send_response(200 if document else 404)
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@cache
def issuer() -> Issuer:
    return Issuer()
