"""Calls of download addresses, which every surface with pictures has alike."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.requests import Reply, send
from tests.support.surfaces import handler_of, operations_of
from vitrine.kernel.surface import Surface


def follow(surface: Surface, view: Any, picture: str = "staged", method: str = "GET") -> Reply:
    """Ask for a picture at the address that an image or a staging shows, without signing in."""
    addresses = view.get("downloadUrls") or view["download_urls"]
    address = urlsplit(addresses[picture])
    route = next(route for route in operations_of(surface) if route.endswith("/pictures/{picture}"))
    return send(handler_of(surface, route), method, address.path, query=dict(parse_qsl(address.query)))
