"""The page that shows a surface's document: what it is made of, and what a real browser makes of it."""

import gzip
import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from functions.surfaces import SURFACES
from infra.documents import load
from tests.support.browser import Page
from tests.support.gateway import serving
from tests.support.requests import CONTEXT, event
from tests.support.surfaces import call, handler_of, operations_of
from vitrine.kernel import documents
from vitrine.kernel import pages as kernel_pages
from vitrine.kernel.surface import Surface

NAMES = [surface.name for surface in SURFACES]
every_surface = pytest.mark.parametrize("surface", SURFACES, ids=NAMES)


def get(surface: Surface, file: str, encoding: str, **query: str) -> Any:
    handler = handler_of(surface, "GET /docs/{file}")
    sent = event("GET", f"/docs/{file}", template="/docs/{file}", headers={"accept-encoding": encoding}, query=query)
    return handler(sent, CONTEXT)


@every_surface
def test_the_page_is_made_of_files_that_are_served_and_of_nothing_else(surface: Surface) -> None:
    page = call(surface, "GET /docs", token=None)
    assert surface.title in page.text
    links = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    named = {link.partition("?")[0] for link in links} - {"data:,", "openapi.json"}
    assert named == {f"docs/{file}" for file in documents.FILES}
    assert "http" not in page.text


@every_surface
def test_the_document_names_the_address_that_it_is_served_at(surface: Surface) -> None:
    served = call(surface, "GET /openapi.json", token=None).json()
    assert served.pop("servers") == [{"url": "https://api.example"}]
    assert served == load(surface)
    assert not call(surface, "GET /openapi.json", token=None).headers["etag"].startswith("W/"), "links in examples"


@every_surface
@pytest.mark.parametrize("file", documents.FILES)
def test_a_file_comes_compressed_for_who_takes_that(surface: Surface, file: str) -> None:
    plain, packed = get(surface, file, "identity"), get(surface, file, "br, gzip")
    assert gzip.decompress(b64decode(packed["body"])).decode() == plain["body"]
    assert (packed["headers"]["Content-Encoding"], packed["headers"]["Vary"]) == ("gzip", "Accept-Encoding")
    assert plain["headers"]["Content-Type"] == kernel_pages.TYPES["." + file.rpartition(".")[2]]


@every_surface
def test_only_the_version_that_the_page_names_is_kept_for_a_year(surface: Surface) -> None:
    link = re.search(r"docs/docs\.css\?v=(\w+)", call(surface, "GET /docs", token=None).text)
    assert link
    assert "immutable" in get(surface, "docs.css", "", v=link[1])["headers"]["Cache-Control"]
    for other in ({}, {"v": "older"}):
        assert get(surface, "docs.css", "", **other)["headers"]["Cache-Control"] == "public, max-age=300"


@every_surface
def test_what_is_not_part_of_the_page_is_not_served(surface: Surface) -> None:
    for name in ("docs.html", "..%2Fopenapi%2Frealstaging.json", "__init__.py"):
        assert call(surface, "GET /docs/{file}", token=None, file=name).status == 404


@every_surface
def test_the_page_may_run_its_own_scripts_alone_and_ask_its_own_host_alone(surface: Surface) -> None:
    policy = call(surface, "GET /docs", token=None).headers["content-security-policy"]
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["default-src"] == "'none'"
    assert (allowed["script-src"], allowed["style-src"], allowed["connect-src"]) == ("'self'",) * 3
    assert "unsafe" not in policy


@every_surface
def test_a_browser_shows_every_operation_and_complains_of_nothing(surface: Surface, pages: Callable[..., Page]) -> None:
    page = pages()
    with serving(surface) as address:
        page.open(f"{address}/docs")
        count = len(operations_of(surface))
        page.wait(f"document.querySelectorAll('[data-path]').length >= {count}")
    shown = page.run("[...document.querySelectorAll('[data-path]')].map((it) => it.dataset.path)")
    assert {operation.path for operation in operations_of(surface).values()} <= set(shown)
    assert page.complaints() == []
