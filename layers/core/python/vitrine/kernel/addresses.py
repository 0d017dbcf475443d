"""Where a customer may send us: pure decisions on URLs and on addresses, for calls to places that customers name.

A URL names a public host, in the one plain spelling that no two parsers read differently: everything else is refused,
never repaired. A host's addresses are judged apart, after resolution, by whoever connects to them.

Address blocks: IANA's IPv4 and IPv6 special-purpose address registries (RFC 6890), and what clouds use beside them.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address

MAX_URL = 2000
HTTPS = 443
_LOOPBACK = re.compile(r"127\.0\.0\.1:([1-9][0-9]{1,4})")
_VISIBLE_ASCII = re.compile(r"[!-~]+")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# Top-level names that no public resolver serves (RFC 6761, 6762, 7686, 8375, 9476) or that clouds serve inside.
_INSIDE = frozenset({"localhost", "local", "internal", "arpa", "onion", "alt", "test", "invalid", "example", "lan"})

_REFUSED_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's platform address, the only metadata service on a public one
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# Global unicast is all that is allocated; mapped, compatible, NAT64, local and multicast addresses lie outside.
_GLOBAL_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "3ffe::/16"))
)
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


class Refused(ValueError):
    """A place we send nothing to. `reason` is one word, for delivery logs and error messages: length, characters,
    scheme, userinfo, port, host, literal (an address instead of a name), inside (a name that only insiders resolve), or
    address (a name that leads to an address which is not public)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Target:
    """A URL that may be called once its host's addresses are found to be public. `path` has the query."""

    host: str
    port: int
    path: str
    tls: bool = True


def parse(url: str, *, loopback: bool = False) -> Target:
    """The target that `url` names. `loopback` also takes `http://127.0.0.1:PORT`, for a receiver on this machine.

    Raises `Refused`.
    """
    parts = _split(url)
    here = _LOOPBACK.fullmatch(parts.netloc)
    if loopback and here and parts.scheme == "http" and int(here[1]) < 2**16:
        return Target("127.0.0.1", int(here[1]), _path(parts), tls=False)
    if parts.scheme != "https":
        raise Refused("scheme")
    _check_authority(parts.netloc)
    return Target(_host(parts.netloc), HTTPS, _path(parts))


def is_public(address: str | Address) -> bool:
    """Whether an address, in the resolver's own spelling, is on the public internet. Zone ids and nonsense are not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _REFUSED_V4)
    return _is_public_v6(found)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id or address not in _GLOBAL_V6 or any(address in network for network in _REFUSED_V6):
        return False
    return int(address) >> 32 & 0xFFFFFFFF not in _ISATAP


def _split(url: str) -> SplitResult:
    """urlsplit removes tabs and newlines and reads backslashes as nothing special, so such URLs stop before it."""
    if len(url) > MAX_URL:
        raise Refused("length")
    if not _VISIBLE_ASCII.fullmatch(url) or "\\" in url or "#" in url:
        raise Refused("characters")
    try:
        return urlsplit(url)
    except ValueError:
        raise Refused("host") from None


def _check_authority(netloc: str) -> None:
    """`host` or `host:443`, and nothing else: no user, no brackets, no empty or padded port."""
    if "@" in netloc:
        raise Refused("userinfo")
    if "[" in netloc:
        raise Refused("literal")
    _, colon, port = netloc.partition(":")
    if colon and port != str(HTTPS):
        raise Refused("port")


def _host(netloc: str) -> str:
    """A name of at least two labels, the last of which begins with a letter: parsers read others as IPv4."""
    host = netloc.partition(":")[0].lower()
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused("host")
    if not labels[-1][0].isalpha():
        raise Refused("literal")
    if len(labels) < 2 or labels[-1] in _INSIDE:
        raise Refused("inside")
    return host


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
