"""The reviewer's page in a real browser: signing in, what it shows of a set, and each decision by its key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.imaging360_api.images import ImageItem
from functions.imaging360_api.sessions import SessionItem, SessionView
from tests.pages import reviewing
from tests.pages.conftest import faults
from tests.pages.reviewing import BLURRED, BRIGHT, DOUBLED, LOST, RETAKEN, Service, signed_in, uuid
from tests.support.browser import Page
from tests.support.site import Answer, Request, Site, as_json

Pages = Callable[..., Page]
CHOSEN = "document.querySelector('.place[aria-selected=true]').getAttribute('aria-label')"
TOAST = "document.querySelector('.toast').textContent"
FRAME = "document.querySelector('.frame')"


@pytest.fixture
def service(served: Site) -> Service:
    return Service(served)


def reviewing_page(
    pages: Pages, service: Service, size: tuple[int, int] = (1280, 800), role: str = "reviewer", **features: str
) -> Page:
    """The page with the set that has faults."""
    page = pages(*size, **features)
    page.before_each(signed_in(role))
    page.open(f"{service.site.url}/review#session={uuid(1)}")
    page.wait("document.querySelectorAll('.place').length === 24")
    return page


def test_the_service_of_these_tests_answers_as_the_routes_do(service: Service) -> None:
    for image in service.images:
        assert set(image) == set(ImageItem.model_fields)
        ImageItem.model_validate(image)
    assert set(service.session) == set(SessionView.model_fields)
    SessionView.model_validate(service.session)
    listed = reviewing.row(service.session)
    assert set(listed) == set(SessionItem.model_fields)
    SessionItem.model_validate(listed)


def test_signing_in_goes_by_the_provider_and_leaves_no_token_behind_the_tab(
    pages: Pages, served: Site, tmp_path: Path
) -> None:
    with reviewing.identity_provider(tmp_path) as issuer:
        Service(served, issuer)
        page = pages()
        page.open(f"{served.url}/review#session={uuid(1)}")
        page.run("document.querySelector('button.main').click()")
        page.wait(f"location.href.startsWith('{issuer}') && document.querySelector('input[name=name]')")
        page.run("document.querySelector('form').submit()")
        page.wait("document.querySelectorAll('.place').length === 24")
    login = next(asked for asked in served.asked if asked.path == "/v1/auth/login")
    assert login.json()["id_token"].count(".") == 2
    assert page.run("location.search") == ""
    assert page.run("document.querySelector('.top .who').textContent") == "Demo · reviewer"
    assert page.run("[localStorage.length, document.cookie]") == [0, ""]
    assert page.complaints() == []
    page.run("[...document.querySelectorAll('.top button')].at(-1).click()")
    assert page.run("sessionStorage.length") == 0


def test_an_answer_to_another_sign_in_is_refused(pages: Pages, service: Service) -> None:
    page = pages()
    page.open(f"{service.site.url}/review?state=forged&code=stolen")
    page.wait("document.querySelector('[role=alert]')?.textContent.includes('sign in again')")
    assert [asked.path for asked in service.site.asked if asked.method == "POST"] == []


def test_the_frames_stand_at_their_angles_with_the_gap_as_a_gap(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)
    clock = "document.querySelector('.clock').getBoundingClientRect()"
    for k, (side, up) in {0: (0, 1), 6: (1, 0), 12: (0, -1), 18: (-1, 0)}.items():
        x, y = page.run(
            f"(() => {{ const c = {clock}, p = document.querySelectorAll('.place')[{k}].getBoundingClientRect();"
            " return [(p.x + p.width / 2 - c.x) / c.width, (p.y + p.height / 2 - c.y) / c.height]; })()"
        )
        assert (round(x - 0.5, 2), round(0.5 - y, 2)) == (round(0.418 * side, 2), round(0.418 * up, 2))
    labels = page.run("[...document.querySelectorAll('.place')].map((it) => it.getAttribute('aria-label'))")
    assert labels[LOST] == f"Frame {LOST + 1}, 285 degrees, left side: missing"
    assert labels[BLURRED] == "Frame 4, 45 degrees, right front: sharpness fails"
    assert labels[DOUBLED].endswith("duplicate is doubtful")
    assert page.run("document.querySelectorAll('.place.gap img').length") == 0
    line = page.run("document.querySelector('.sharpness .line').getAttribute('d')")
    assert (line.count("M"), line.count("Z")) == (2, 0), "the curve is broken at the gap"
    assert page.run("document.querySelector('.middle').textContent") == "3to shoot again"
    assert page.complaints() == []


def test_a_frames_reason_stands_beside_it_with_code_number_threshold_and_remedy(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)
    assert page.run(CHOSEN).startswith("Frame 4,"), "the first fault is shown first"
    said = page.run(f"{FRAME}.querySelector('.checks li').textContent")
    for part in ("sharpness_fail", "measured 120", "limit 210", "its detail is 0.28", "Hold the camera still"):
        assert part in said
    page.wait(f"{FRAME}.querySelector('.facts').textContent.includes('1/250 s · f/1.8 · ISO 100')")
    page.press("n")
    assert page.run(CHOSEN).startswith(f"Frame {BRIGHT + 1},")
    page.press("n")
    assert "Shoot from the left rear corner." in page.run(f"{FRAME}.textContent")


def test_keys_alone_pass_and_reshoot_frames_and_publish_the_set(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)
    page.press("p")
    page.wait("document.querySelector('dialog')")
    page.press("Enter")
    assert page.run("document.querySelector('dialog') !== null"), "a reason is needed"
    page.press(*"ok", "Enter")
    page.wait(f"{TOAST} === 'Passed.'")
    page.press("ArrowRight", "r")
    page.wait("document.querySelector('dialog')")
    page.press(*"dark", "Enter")
    page.wait(f"{TOAST}.startsWith('On the list')")
    assert service.reviews == [
        {"id": uuid(100 + BLURRED), "decision": "pass", "reason": "ok"},
        {"id": uuid(101 + BLURRED), "decision": "reshoot", "reason": "dark"},
    ]
    page.wait(f"{CHOSEN} === 'Frame 5, 60 degrees, right front: to be shot again by a reviewer'")
    page.press("u")
    page.wait("document.querySelector('dialog .warning')?.textContent.includes('2 frames fail, 1 is missing')")
    page.press(*"sold", "Enter")
    page.wait(f"{TOAST} === 'Published.'")
    assert service.publications == [{"override_reason": "sold"}]
    page.wait("document.querySelector('.under .chip').textContent === 'Published'")
    assert page.run("document.querySelectorAll('.session').length") == 1, "it waits no longer"
    assert page.run("document.querySelector('.share a').pathname") == "/v1/view/A1.b2_c3"


def test_single_letters_can_be_switched_off(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)
    page.press("?")
    page.run("document.querySelector('#single').click(); document.querySelector('dialog').close()")
    page.wait("!document.querySelector('dialog')")
    page.press("p", "u", "n")
    assert page.run("document.querySelector('dialog')") is None
    assert page.run(CHOSEN).startswith("Frame 4,")
    page.press("ArrowLeft")
    assert page.run(CHOSEN).startswith("Frame 3,")
    page.run("localStorage.clear()")


def test_a_held_key_flickers_below_three_flashes_a_second_and_a_retake_is_compared(
    pages: Pages, service: Service
) -> None:
    page = reviewing_page(pages, service)
    page.run(
        "window.swaps = []; new MutationObserver(() => swaps.push(performance.now()))"
        ".observe(document.querySelector('.above'), {attributeFilter: ['class']})"
    )
    page.hold("f")
    page.wait("swaps.length >= 5")
    page.release("f")
    times = page.run("swaps")
    assert times[4] - times[0] > 4 * 1000 / 6, "two changes make a flash"
    assert page.run("document.querySelector('.above').classList.contains('away')") is False
    page.run(f"location.hash = 'session={uuid(1)}&frame={RETAKEN + 1}'")
    page.wait(f"{CHOSEN}.startsWith('Frame {RETAKEN + 1},')")
    page.press("b")
    page.wait("!document.querySelector('.wipe').hidden")
    assert page.run("document.querySelector('.below').src").endswith(f"/t/{RETAKEN - 1}.jpg")
    page.press("ArrowRight")
    assert page.run("document.querySelector('.picture').style.getPropertyValue('--wipe')") == "51%"


def test_the_set_can_be_turned_as_it_will_be_seen(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service)
    page.press("t")
    page.wait("document.querySelector('vitrine-spin')?.openFrames > 0")
    page.press("ArrowRight")
    page.wait("document.querySelector('vitrine-spin').frame === 4")
    assert page.complaints() == []


def test_a_long_list_is_read_a_part_at_a_time(pages: Pages, service: Service) -> None:
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        asked.append(request.query)
        rows = [reviewing.row({**service.others[0], "id": uuid(1000 + len(asked) * 100 + k)}) for k in range(100)]
        return as_json(200, {"data": rows, "total": 100_000, "limit": 100, "offset": 0})

    service.site.routes["GET /v1/sessions"] = answer
    page = pages()
    page.before_each(signed_in())
    page.open(f"{service.site.url}/review")
    page.wait("document.querySelectorAll('.session').length === 200")
    page.run("document.querySelector('.queue > button').click()")
    page.wait("document.querySelectorAll('.session').length === 400")
    assert asked == [f"limit=100&offset={offset}" for offset in (0, 100, 0, 100, 200, 300)]


def test_what_cameras_and_people_wrote_stays_text(pages: Pages, service: Service) -> None:
    vector = "<img src=x onerror=window.hacked=1>"
    service.session["vehicle"]["stock"] = service.session["operator"]["name"] = vector
    service.images[BLURRED]["file_name"] = vector
    service.images[BLURRED]["qc"]["sharpness"] |= {"message": vector, "remedy": vector, "code": vector}
    page = reviewing_page(pages, service)
    assert page.run("document.querySelector('.work h1').textContent") == vector
    assert vector in page.run(f"{FRAME}.textContent")
    page.press("u")
    page.wait("document.querySelector('dialog')")
    assert page.run("[window.hacked ?? null, document.querySelectorAll('[src=x]').length]") == [None, 0]


def test_stills_and_frames_without_a_place_are_shown_by_their_names(pages: Pages, service: Service) -> None:
    service.session |= {"mode": "stills", "shot_list": {"stills": ["front_3q", "dash"]}}
    service.images[:] = [
        {**service.images[0], "frame": None, "angle_deg": None, "shot_name": "front_3q"},
        {**service.images[1], "frame": None, "angle_deg": None},
    ]
    page = pages()
    page.before_each(signed_in())
    page.open(f"{service.site.url}/review#session={uuid(1)}")
    page.wait("document.querySelectorAll('.place').length === 3")
    said = page.run("[...document.querySelectorAll('.place')].map((it) => it.getAttribute('aria-label'))")
    assert said == ["front 3q: passes", "dash: missing", "Without a place: IMG_002.jpg: passes"]
    assert page.complaints() == []


def test_who_may_not_decide_is_offered_nothing_to_decide(pages: Pages, service: Service) -> None:
    page = reviewing_page(pages, service, role="operator")
    page.press("p", "r", "u")
    assert page.run("[document.querySelector('dialog'), document.querySelector('.decide')]") == [None, None]


def test_a_token_that_no_longer_holds_leads_back_to_signing_in(pages: Pages, service: Service) -> None:
    page = pages()
    page.before_each(signed_in())
    service.site.routes["GET /v1/sessions"] = lambda _: as_json(401, {"error": {"message": "Over."}})
    page.open(f"{service.site.url}/review")
    page.wait("document.querySelector('button.main')?.textContent === 'Sign in'")
    assert page.run("sessionStorage.length") == 0


@pytest.mark.parametrize(("size", "scheme"), [((1280, 800), "light"), ((1280, 800), "dark"), ((390, 844), "light")])
def test_nothing_is_in_the_way_of_who_uses_assistive_technology(
    pages: Pages, service: Service, size: tuple[int, int], scheme: str
) -> None:
    page = reviewing_page(pages, service, size, prefers_color_scheme=scheme)
    page.run("document.querySelector('.numbers').open = true")
    assert faults(page) == []
    assert page.run("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off at the side"
    page.press("u")
    page.wait("document.querySelector('dialog')")
    assert faults(page) == []
