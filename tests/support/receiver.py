"""Somebody's webhook receiver on loopback: keeps what it is sent, and answers as it is told."""

import datetime
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "hooks.example.com"


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Says:
    """One answer. `dribble_s` sends the headers a byte at a time with such pauses."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thanks"
    wait_s: float = 0
    dribble_s: float = 0


class Receiver:
    """`answers` are given in turn, the last of them for ever."""

    def __init__(self, *answers: Says, tls: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers) or [Says()]
        self.received: list[Received] = []
        self.cut_off = False
        """Somebody left before the whole answer was sent."""
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def next_answer(self) -> Says:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body))
            said = receiver.next_answer()
            receiver.closing.wait(said.wait_s)
            try:
                _say(self, said)
            except OSError:
                self.close_connection = receiver.cut_off = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _say(handler: BaseHTTPRequestHandler, said: Says) -> None:
    if said.dribble_s:
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 1000:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(said.dribble_s)
    handler.send_response(said.status)
    for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(said.body)


@contextmanager
def receiving(*answers: Says, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver(*answers, tls=tls)
    try:
        yield receiver
    finally:
        receiver.close()


AGE = datetime.timedelta(days=3650)
"""OpenSSL asks the machine's clock, which a run of tests may be years ahead of."""


@cache
def certificates(host: str = HOST) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for `host`, and a client's context that trusts only who signed it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - AGE)
        .not_valid_after(now + AGE)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    file = Path(mkdtemp(prefix="vitrine-receiver-")) / "server.pem"
    file.write_bytes(pem + _private(key))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=pem.decode())


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
