"""The reviewer's page when something is in the way: no network, somebody else, no sign-in, nothing or much to do."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.conftest import faults
from tests.pages.reviewing import BLURRED, Service, signed_in, uuid
from tests.pages.test_review import CHOSEN, TOAST, reviewing_page
from tests.support.browser import Page
from tests.support.site import Answer, Request, Site, as_json
from vitrine.kernel.clock import utc_now

Pages = Callable[..., Page]
REASON = "document.querySelector('dialog textarea')"
TROUBLE = "document.querySelector('.trouble')"


@pytest.fixture
def service(served: Site) -> Service:
    return Service(served)


def network(page: Page, there: bool) -> None:
    conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.ask("Network.emulateNetworkConditions", offline=not there, **conditions)


def decide(page: Page, key: str, reason: str) -> None:
    page.press(key)
    page.wait(f"{REASON} || document.querySelector('dialog .main')")
    page.press(*reason, "Enter")


def refreshed(page: Page, service: Service) -> None:
    """The page has asked for all once more."""
    before = len(service.site.asked)
    page.run("dispatchEvent(new Event('online'))")
    page.wait(f"performance.getEntriesByType('resource').length >= {before}")
    page.run("new Promise((done) => setTimeout(done, 300))")


def refusal(status: int, code: str, message: str) -> Answer:
    return as_json(status, {"error": {"code": code, "message": message, "details": {}, "request_id": uuid(5)}})


def test_without_a_network_nothing_is_decided_and_the_reason_is_kept(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)
    network(page, False)
    decide(page, "p", "fine")
    page.wait(f"{TOAST} === 'There is no connection to the service. Nothing was decided; try again.'", 10)
    page.run("dispatchEvent(new Event('online'))")
    page.wait(f"!{TROUBLE}.hidden", 10)
    assert "may be old" in page.run(f"{TROUBLE}.textContent")
    assert service.reviews == []
    network(page, True)
    page.wait(f"{TROUBLE}.hidden", 10)
    page.press("p")
    page.wait(REASON)
    assert page.run(f"{REASON}.value") == "fine"
    page.press("Enter")
    page.wait(f"{TOAST} === 'Passed.'")
    assert [review["reason"] for review in service.reviews] == ["fine"]


def test_what_somebody_else_decided_meanwhile_is_shown(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)

    def late(_: Request) -> Answer:
        service.images[BLURRED]["review"] = {
            "passed": True,
            "reason": "seen",
            "by": uuid(91),
            "at": utc_now().isoformat(),
        }
        return refusal(409, "CONFLICT", "Somebody else decided on this frame.")

    service.site.routes[f"POST /v1/images/{uuid(100 + BLURRED)}/review"] = late
    decide(page, "r", "dark")
    page.wait(f"{TOAST} === 'Somebody else decided on this frame.'")
    page.wait(f"{CHOSEN}.endsWith('passed by a reviewer')")


def test_a_set_that_is_judged_anew_is_published_when_that_is_over(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)
    asked: list[Any] = []
    publish = service.site.routes[f"POST /v1/sessions/{uuid(1)}/publish"]

    def answer(request: Request) -> Answer:
        asked.append(request.json())
        return publish(request) if len(asked) > 1 else refusal(409, "SET_BEING_JUDGED", "The set is being judged.")

    service.site.routes[f"POST /v1/sessions/{uuid(1)}/publish"] = answer
    decide(page, "u", "sold")
    page.wait(f"{TOAST}.startsWith('The set is judged anew')")
    page.wait(f"{TOAST} === 'Published.'", 10)
    assert asked == [{"override_reason": "sold"}] * 2


def test_keys_do_nothing_after_a_sign_in_has_ended(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)
    over = refusal(401, "UNAUTHORIZED", "The token has ended.")
    service.site.routes[f"POST /v1/images/{uuid(100 + BLURRED)}/review"] = lambda _: over
    decide(page, "p", "fine")
    page.wait("document.querySelector('button.main')?.textContent === 'Sign in'")
    page.press("p", "u", "ArrowRight", "?")
    assert page.run("document.querySelector('dialog')") is None
    assert page.run("location.hash").startswith(f"#session={uuid(1)}"), "the way back to the frame"
    assert "fine" in page.run("sessionStorage.getItem('vitrine.review.draft')")
    assert page.complaints()[1:] == [], "but for the 401"


def test_an_empty_list_says_why(pages: Pages, service: Service) -> None:
    service.site.routes["GET /v1/sessions"] = lambda _: as_json(
        200, {"data": [], "total": 0, "limit": 100, "offset": 0}
    )
    page = pages()
    page.before_each(signed_in())
    page.open(f"{service.site.url}/review")
    page.wait("document.querySelector('.count')?.textContent.startsWith('Nothing waits')")
    assert page.run("document.querySelector('.empty').textContent").startswith("ReviewNothing waits for you.")
    page.run("[...document.querySelectorAll('.tabs button')].at(-1).click()")
    assert page.run("document.querySelector('.count').textContent") == "There are no sets yet."


def test_what_somebody_works_in_stays_when_the_page_looks_for_news(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)
    page.run("document.querySelector('.place[aria-selected=true]').focus(); window.kept = document.activeElement")
    refreshed(page, service)
    assert page.run("document.activeElement === window.kept"), "nothing is new"
    service.images[0]["qc"]["sharpness"]["score"] = 300.0
    refreshed(page, service)
    page.wait("document.activeElement !== window.kept")
    assert page.run("document.activeElement.getAttribute('aria-label')").startswith("Frame 4,")
    page.run("document.querySelectorAll('.session')[0].focus()")
    service.others[0]["image_count"] = 23
    refreshed(page, service)
    assert page.run("document.activeElement.className") == "session"


def test_72_frames_are_bars_around_pictures_of_all_sides_and_are_gone_through_without_keys(
    pages: Pages, service: Service
) -> None:
    first = service.images[0]
    turn = [{**first, "id": uuid(3000 + k), "frame": k, "angle_deg": 5 * k} for k in range(72) if k != 30]
    service.images[:] = turn
    service.session |= {"shot_list": {"studio360": {"frame_count": 72}}}
    page = pages(390, 844)
    page.before_each(signed_in())
    page.open(f"{service.site.url}/review#session={uuid(1)}&frame=30")
    page.wait("document.querySelectorAll('.place.bar').length === 72")
    assert page.run("document.querySelectorAll('.beside').length") == 23, "each third, but for the missing one"
    assert page.run("document.querySelector('.bar').offsetHeight") >= 20
    page.run("document.querySelector('[aria-label=\"Frame after\"]').click()")
    page.wait(f"{CHOSEN}.startsWith('Frame 31,') && {CHOSEN}.endsWith('missing')")
    assert faults(page) == []
