"""One browser for all pages under test, and what looks at a page for them."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.local.tools import npm_packages
from infra.local.workspace import Workspace
from tests.support.browser import CHROMIUM, Browser, Page, browsing
from tests.support.site import Site, site

PINNED = Path(__file__).parent / "axe"


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    with browsing(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        yield made


@pytest.fixture
def pages(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, and closes them behind the test."""
    opened: list[Page] = []

    def new(width: int = 1280, height: int = 800, **features: str) -> Page:
        opened.append(browser.page(width, height, **features))
        return opened[-1]

    yield new
    for page in opened:
        page.close()


@cache
def axe() -> str:
    return (npm_packages(Workspace(), PINNED, "axe-core") / "axe-core" / "axe.min.js").read_text()


def faults(page: Page) -> list[str]:
    """What axe finds against the page as it is now: the rule, and where."""
    page.run(axe() + "; undefined")
    options = json.dumps(
        {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    found: list[dict[str, Any]] = json.loads(
        page.run(f"axe.run(document, {options}).then((it) => JSON.stringify(it.violations))")
    )
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]
