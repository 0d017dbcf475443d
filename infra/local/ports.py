"""Loopback ports: the preferred one when it is free, else another one, which is reported."""

import socket
from collections.abc import Callable, Mapping

PREFERRED: Mapping[str, int] = {"emulator": 4566, "endpoint": 4567, "identity": 4568}
HOST = "127.0.0.1"


def choose(preferred: Mapping[str, int], keep: frozenset[str], report: Callable[[str], None]) -> dict[str, int]:
    """A port for each name. Those in `keep` are in use by ourselves and stay."""
    return {name: port if name in keep else _choose_one(name, port, report) for name, port in preferred.items()}


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _choose_one(name: str, port: int, report: Callable[[str], None]) -> int:
    if is_free(port):
        return port
    other = any_free()
    report(f"Port {port} is taken by another program; the {name} takes {other} instead.")
    return other
