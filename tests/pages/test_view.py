"""The pages of imaging360 as they are served, and a published set's in a real browser, framed by another site too."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.imaging360_api.surface import SURFACE
from tests.pages.conftest import faults
from tests.pages.reviewing import FILES, FOLDER, Json, uuid
from tests.support.browser import Page
from tests.support.issuer import issuer
from tests.support.patience import until
from tests.support.requests import Reply
from tests.support.site import Answer, Site, drawn_frame, site
from tests.support.surfaces import call
from vitrine.kernel.clock import utc_now
from vitrine.kernel.pages import Hosts

Pages = Callable[..., Page]
SET = "A1.b2_c3"
XSS = "<img src=x onerror=hacked=1>"


@pytest.mark.parametrize(("route", "known"), [("GET /review", {}), ("GET /v1/view/{key}", {"key": SET})])
def test_a_page_runs_its_own_scripts_alone_and_asks_the_hosts_that_it_needs_alone(route: str, known: Json) -> None:
    policy = allowed(call(SURFACE, route, token=None, **known))
    assert policy["default-src"] == "'none'"
    assert (policy["script-src"], policy["style-src"], policy["trusted-types"]) == ("'self'", "'self'", "'none'")
    assert policy["img-src"] == "'self' data: https://media.s3.us-east-1.amazonaws.com"
    assert "unsafe" not in "".join(policy.values())


def test_only_the_page_of_a_published_set_may_be_framed_and_only_the_reviewers_may_ask_the_provider() -> None:
    review = allowed(call(SURFACE, "GET /review", token=None))
    view = allowed(call(SURFACE, "GET /v1/view/{key}", token=None, key=SET))
    assert (review["frame-ancestors"], view["frame-ancestors"]) == ("'none'", "*")
    assert (review["connect-src"], view["connect-src"]) == (f"'self' {issuer().url.rstrip('/')}", "'self'")


def allowed(reply: Reply) -> dict[str, str]:
    policy = reply.headers["content-security-policy"].replace("require-trusted-types-for 'script'; ", "")
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def test_every_file_that_a_page_names_is_served() -> None:
    for page in FOLDER.glob("*.html"):
        for name in FILES.names:
            if f"viewer/{name}?" in page.read_text():
                assert call(SURFACE, "GET /viewer/{file}", token=None, file=name).status == 200
    named = {name for name in FILES.names for page in FOLDER.glob("*.html") if f"viewer/{name}?" in page.read_text()}
    assert named == set(FILES.names)


def test_a_set_whose_address_is_no_key_is_not_written_into_a_page() -> None:
    reply = call(SURFACE, "GET /v1/view/{key}", token=None, key="x%22onload%3D1")
    assert reply.status == 400


@pytest.fixture
def published(served: Site) -> Site:
    """One set at its lasting address."""
    page = FILES.page("view.html", {"key": SET}, Hosts(framed=True))
    headers = {name: str(value) for name, value in page.headers.items()}
    served.routes[f"GET /v1/view/{SET}"] = lambda _: Answer(200, str(page.body).encode(), "text/html", headers)
    served.files |= {f"/viewer/{name}": FILES.path(name).read_bytes() for name in FILES.names}
    served.files |= {f"/v1/published/{SET}/STK_01_{k + 1:03}.jpg": drawn_frame(k) for k in range(24)}
    served.files[f"/v1/published/{SET}/manifest.json"] = json.dumps(manifest()).encode()
    return served


def manifest() -> Json:
    return {
        "version": 1,
        "session_id": uuid(1),
        "vehicle": {"vin": "WVGZZZ5NZEW069297", "stock": XSS},
        "captured_from": utc_now().isoformat(),
        "mode": "studio360",
        "frame_count": 24,
        "missing": [5],
        "direction": "clockwise",
        "redaction": "blur",
        "frames": [frame(k) for k in range(24) if k != 5],
        "stills": [],
        "package": {"name": "STK_360.zip", "sha256": "ab" * 32, "size": 10},
    }


def frame(k: int) -> dict[str, Any]:
    file = {"name": f"STK_01_{k + 1:03}.jpg", "sha256": "cd" * 32, "size": 1, "width": 1200, "height": 900}
    return {"frame": k, "angle_deg": 15.0 * k, "view_deg": 15.0 * k, "published": file, "edits": ["metadata_removed"]}


def test_a_published_set_says_when_it_was_taken_what_lacks_and_what_was_changed(pages: Pages, published: Site) -> None:
    page = pages(prefers_reduced_motion="reduce")
    page.open(f"{published.url}/v1/view/{SET}#a=45")
    page.wait("document.querySelector('.name')")
    said = page.run("document.querySelector('#about').textContent")
    moment = json.loads(published.files[f"/v1/published/{SET}/manifest.json"])["captured_from"]
    day = page.run(f"new Date('{moment}').toLocaleDateString(undefined, {{dateStyle: 'long'}})")
    for part in (XSS, day, "23 pictures", "1 missing", "plates hidden", "metadata removed", "ab" * 32):
        assert part in said
    assert page.run("document.querySelector('vitrine-spin').frame") == 3
    assert page.run("window.hacked ?? null") is None
    assert faults(page) == []
    assert page.complaints() == []


def test_it_works_in_a_sandboxed_frame_of_another_site(pages: Pages, published: Site) -> None:
    with site() as dealer:
        address = f"{published.url}/v1/view/{SET}"
        tag = f'<iframe src="{address}" title="A car" sandbox="allow-scripts allow-same-origin" width="800"></iframe>'
        dealer.files["/car.html"] = f"<!doctype html><title>A dealer</title>{tag}".encode()
        page = pages(prefers_reduced_motion="reduce")
        page.open(f"{dealer.url}/car.html")
        until(lambda: len(published.pictures()) == 23)
        assert page.complaints() == []


def test_one_that_was_never_published_says_so(pages: Pages, published: Site) -> None:
    del published.files[f"/v1/published/{SET}/manifest.json"]
    page = pages()
    page.open(f"{published.url}/v1/view/{SET}")
    page.wait("document.querySelector('#about').textContent === 'There is no published set at this address.'")
