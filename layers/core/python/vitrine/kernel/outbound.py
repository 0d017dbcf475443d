"""Calls to places that customers name, with nothing left to chance between looking an address up and connecting.

The host is resolved once. All its addresses must be public, or the call is refused; the connection goes to one of
those very addresses, so a second answer of a hostile resolver is never asked for. TLS is still held to the host's
name. No proxy, no redirect, no cookie, no connection that outlives the call.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache

from vitrine.kernel.addresses import HTTPS, Refused, Target, is_public

DEADLINE_S = 15.0
"""For the whole call: Standard Webhooks asks senders to allow 15 to 30 seconds."""
CONNECT_S = 5.0
MAX_ANSWER = 4096
"""Bytes of the answer's body that are read, and thrown away, so that the receiver can end in peace."""

Resolve = Callable[[str, int], Sequence[str]]
Dial = Callable[[str, int, float], socket.socket]


class CallFailed(Exception):
    """No answer came. `reason` is one of: unresolvable, unreachable, tls, timeout, bad_answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answered:
    """What the receiver said, whatever it was; 3xx included, since nothing is followed."""

    status: int
    duration_ms: int
    retry_after: str | None = None


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of the host, in the system's order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def dial(address: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to exactly this address. Raises OSError."""
    return socket.create_connection((address, port), timeout=timeout_s)


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolver: Resolve = resolve,
    dialler: Dial = dial,
    deadline_s: float = DEADLINE_S,
    trust: ssl.SSLContext | None = None,
) -> Answered:
    """Send one POST. `trust` None means the public certificate authorities.

    Raises `Refused` for a host with an address that is not public, `CallFailed` when no answer came by the deadline.
    """
    started = time.monotonic()
    addresses = _checked(target, resolver, deadline_s)
    connection = _Connection(target, addresses, started + deadline_s, dialler, trust)
    with _given_up_in_time(connection):
        status, retry_after = _send(connection, body, headers)
    return Answered(status, round((time.monotonic() - started) * 1000), retry_after)


def _checked(target: Target, resolver: Resolve, deadline_s: float) -> Sequence[str]:
    if not target.tls:  # `addresses.parse` gives such targets for this machine's own loopback address alone
        return [target.host]
    addresses = _looked_up(target, resolver, deadline_s)
    if not addresses:
        raise CallFailed("unresolvable")
    if not all(map(is_public, addresses)):
        raise Refused("address")
    return addresses


def _looked_up(target: Target, resolver: Resolve, deadline_s: float) -> Sequence[str]:
    """The system's resolver knows no deadline, so it is left behind when it takes too long."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(resolver, target.host, target.port).result(min(CONNECT_S, deadline_s))
    except OutOfTime:
        raise CallFailed("timeout") from None
    except OSError:
        raise CallFailed("unresolvable") from None
    finally:
        pool.shutdown(wait=False)


class _Connection(http.client.HTTPConnection):
    """Connects to the first of the checked addresses that answers, and to nothing else."""

    def __init__(
        self,
        target: Target,
        addresses: Sequence[str],
        deadline: float,
        dialler: Dial,
        trust: ssl.SSLContext | None,
    ) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_S)
        self.default_port = HTTPS
        self.target = target
        self.addresses = addresses
        self.deadline = deadline
        self.dial = dialler
        self.trust = trust
        self.late = False

    def connect(self) -> None:
        plain = self._first_that_answers()
        if not self.target.tls:
            self.sock = plain
            return
        context = self.trust or _public_authorities()
        # The handshake comes after `sock` is set, so that the deadline can end it too.
        self.sock = context.wrap_socket(plain, server_hostname=self.target.host, do_handshake_on_connect=False)
        self.sock.do_handshake()

    def _first_that_answers(self) -> socket.socket:
        last: OSError | None = None
        for address in self.addresses:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                return self.dial(address, self.target.port, min(CONNECT_S, left))
            except OSError as error:
                last = error
        raise last or OSError("no address")

    def give_up(self) -> None:
        """Called from another thread: whatever blocks on the socket returns at once."""
        self.late = True
        if self.sock is not None:
            try:
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
            except OSError:
                return


@cache
def _public_authorities() -> ssl.SSLContext:
    return ssl.create_default_context()


@contextmanager
def _given_up_in_time(connection: _Connection) -> Iterator[None]:
    """A socket's own timeout starts anew with every byte, so a receiver that dribbles is ended from here."""
    timer = threading.Timer(max(0.0, connection.deadline - time.monotonic()), connection.give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()


def _send(connection: _Connection, body: bytes, headers: Mapping[str, str]) -> tuple[int, str | None]:
    try:
        connection.request("POST", connection.target.path, body, {**headers, "Connection": "close"})
        assert connection.sock is not None
        connection.sock.settimeout(max(0.1, connection.deadline - time.monotonic()))
        answer = connection.getresponse()
        if connection.late:  # http.client takes the end of the connection for the end of the headers
            raise TimeoutError
        with suppress(OSError, http.client.HTTPException):
            answer.read(MAX_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise CallFailed(_reason(error, connection)) from None
    return answer.status, answer.headers.get("Retry-After")


def _reason(error: Exception, connection: _Connection) -> str:
    if connection.late or isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "bad_answer" if isinstance(error, http.client.HTTPException) else "unreachable"
