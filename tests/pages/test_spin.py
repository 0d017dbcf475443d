"""The viewer of a spin in a real browser: what it loads and when, how it is turned, what it says."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from infra.local.workspace import REPOSITORY
from tests.pages.conftest import faults
from tests.support.browser import Page
from tests.support.site import Site, drawn_frame

SCRIPT = REPOSITORY / "events" / "viewer" / "imaging360" / "spin.js"
HEAD = '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A spin</title>'
TAG = '<vitrine-spin src="manifest.json" label="A drawn car"{}><img src="f0.jpg" alt="A drawn car"></vitrine-spin>'
SPIN = "document.querySelector('vitrine-spin')"
CLASS = "customElements.get('vitrine-spin')"
STAGE = f"{SPIN}.shadowRoot.querySelector('.stage')"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'"
)
COUNT_BITMAPS = """
  window.most = 0; const open = new Map(); const make = window.createImageBitmap;
  const weigh = () => window.most = Math.max(window.most, [...open.values()].reduce((a, b) => a + b, 0));
  window.createImageBitmap = async (...given) => {
    const it = await make(...given);
    open.set(it, it.width * it.height * 4);
    weigh();
    return it;
  };
  const close = ImageBitmap.prototype.close;
  ImageBitmap.prototype.close = function () { open.delete(this); return close.call(this); };
"""
XSS = (
    "<img src=x onerror=window.hacked=1>",
    '"><script>window.hacked=1</script>',
    "javascript:window.hacked=1",
    "' onmouseover='hacked=1",
)

Pages = Callable[..., Page]


def lay_out(served: Site, body: str = TAG.format(""), missing: tuple[int, ...] = (), **manifest: Any) -> None:
    """A page with one spin of 24 frames at `/`."""
    frames = [{"url": f"f{k}.jpg", "frame": k, "angle_deg": 15 * k, "width": 1200, "height": 900} for k in range(24)]
    kept = [frame for k, frame in enumerate(frames) if k not in missing]
    served.files["/manifest.json"] = json.dumps({"frame_count": 24, "frames": kept, **manifest}).encode()
    served.files |= {f"/f{k}.jpg": drawn_frame(k) for k in range(24) if k not in missing}
    served.files["/spin.js"] = SCRIPT.read_bytes()
    served.files["/page.html"] = f'{HEAD}<script src="spin.js" defer></script><main>{body}</main></html>'.encode()
    served.headers["Content-Security-Policy"] = POLICY


def shown(pages: Pages, served: Site, link: str = "", size: tuple[int, int] = (900, 700), **features: str) -> Page:
    page = pages(*size, **features)
    page.open(f"{served.url}/page.html{link}")
    page.wait(f"{SPIN}?.shadowRoot && !{SPIN}.shadowRoot.querySelector('.bar').hidden", 10)
    return page


def all_there(page: Page) -> None:
    page.wait(f"{SPIN}.reel && {SPIN}.reel.loaded === {SPIN}.places.filter(Boolean).length")


def text(page: Page) -> str:
    """What the slider says when the frame that it was turned to is seen."""
    page.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait(f"+{STAGE}.getAttribute('aria-valuenow') === {SPIN}.frame", 20)
    return str(page.run(f"{STAGE}.getAttribute('aria-valuetext')"))


def test_one_picture_is_seen_before_another_is_asked_for_and_the_others_come_evenly_spread(
    pages: Pages, served: Site
) -> None:
    lay_out(served, body=TAG.format("").replace('<img src="f0.jpg" alt="A drawn car">', ""))
    served.slow_s = 0.05
    page = pages(900, 700)
    page.before_each(
        "addEventListener('ready', () => (window.loaded = document.querySelector('vitrine-spin').reel.loaded), true)"
    )
    page.open(f"{served.url}/page.html")
    all_there(page)
    assert page.run("window.loaded") == 1, "seen with one picture there"
    asked = [int(path[2:-4]) for path in served.pictures()]
    assert asked[0] == 0
    assert set(asked[1:4]) <= {12, 6, 18, 3}, "four at once, in whichever order they reach the server"
    assert sorted(asked) == list(range(24)), "each once"
    assert page.run(f"{CLASS}.binaryOrder(24).slice(0, 8)") == [0, 12, 6, 18, 3, 15, 9, 21]
    assert page.complaints() == []


def test_no_more_than_40_mb_of_pictures_are_open_while_all_24_are_turned_through(pages: Pages, served: Site) -> None:
    lay_out(served)
    page = pages(390, 800)
    page.before_each(COUNT_BITMAPS)
    page.open(f"{served.url}/page.html")
    all_there(page)
    page.press("Tab")
    for _ in range(23):
        page.press("ArrowRight")
        text(page)
    assert 8 * 1200 * 900 * 4 <= page.run("window.most") <= 40e6
    assert page.run(f"{SPIN}.frame") == 23


def test_a_viewer_loads_nothing_before_it_is_seen(pages: Pages, served: Site) -> None:
    apart = "<p>{}</p>".format("<br>" * 200)
    lay_out(served, body=(apart + '<vitrine-spin src="manifest.json" label="A car"></vitrine-spin>') * 10)
    page = pages(900, 700)
    page.open(f"{served.url}/page.html")
    page.run("new Promise((done) => setTimeout(done, 200))")
    assert served.pictures() == []
    page.run(f"{SPIN}.scrollIntoView()")
    all_there(page)
    assert len(served.pictures()) == 24, "one of ten"


def test_the_keyboard_turns_zooms_and_goes_back(pages: Pages, served: Site) -> None:
    lay_out(served)
    page = shown(pages, served)
    page.press("Tab")
    assert page.run(f"{SPIN}.shadowRoot.activeElement.getAttribute('role')") == "slider"
    assert text(page) == "front, 0 degrees"
    said = {}
    for key in ("ArrowRight", "ArrowUp", "ArrowRight", "ArrowLeft", "End", "Home", "ArrowLeft", "ArrowDown"):
        page.press(key)
        said[key] = (text(page), page.run(f"+{STAGE}.getAttribute('aria-valuenow')"))
    assert said["ArrowUp"] == ("right front, 30 degrees", 2)
    assert said["End"] == ("front, 345 degrees", 23)
    assert said["Home"] == ("front, 0 degrees", 0)
    assert said["ArrowDown"][1] == 22, "round the back of the turn"
    page.press("+", "+")
    assert page.run(f"{SPIN}.zoom") == pytest.approx(2.25)
    assert text(page).endswith("zoom 2.3")
    page.press("-")
    assert page.run(f"{SPIN}.zoom") == pytest.approx(1.5)
    page.press("Escape")
    assert page.run(f"{SPIN}.zoom") == 1


def test_a_drag_turns_and_ends_within_a_second_of_its_release(pages: Pages, served: Site) -> None:
    lay_out(served)
    page = shown(pages, served)
    all_there(page)
    page.drag((200, 300), *((200 + 20 * k, 300) for k in range(1, 12)))
    released = page.run(f"{SPIN}.frame")
    page.run("new Promise((done) => setTimeout(done, 1000))")
    rest = page.run(f"{SPIN}.frame")
    page.run("new Promise((done) => setTimeout(done, 150))")
    assert released >= 4, "a quarter of the width is a quarter of the turn"
    assert rest != released, "it coasts"
    assert page.run(f"{SPIN}.frame") == rest


def test_a_finger_turns_sideways_and_scrolls_the_page_up_and_down(pages: Pages, served: Site) -> None:
    lay_out(served, body=TAG.format("") + "<br>" * 200)
    page = shown(pages, served, size=(390, 800))
    page.sized(390, 800, 2, phone=True)
    all_there(page)
    assert page.run(f"getComputedStyle({STAGE}).touchAction") == "pan-y"
    page.touch("touchStart", (100, 150))
    for k in range(1, 9):
        page.touch("touchMove", (100 + 20 * k, 150))
    page.touch("touchEnd")
    assert page.run(f"{SPIN}.frame") > 5
    page.run(f"{SPIN}.frame = 3")
    page.touch("touchStart", (100, 250))
    for k in range(1, 12):
        page.touch("touchMove", (100, 250 - 20 * k))
    page.touch("touchEnd")
    page.wait("scrollY > 100")
    assert page.run(f"{SPIN}.frame") == 3


def test_two_fingers_and_the_wheel_with_a_key_zoom_and_a_drag_then_pans(pages: Pages, served: Site) -> None:
    lay_out(served)
    page = shown(pages, served)
    page.mouse("mouseWheel", 300, 300, deltaX=0, deltaY=-300)
    assert page.run(f"{SPIN}.zoom") == 1, "the page's own wheel"
    page.mouse("mouseWheel", 300, 300, deltaX=0, deltaY=-150, modifiers=2)
    page.wait(f"{SPIN}.zoom > 1.5")
    before = page.run(f"{SPIN}.frame")
    page.drag((300, 300), (380, 330))
    assert page.run(f"{SPIN}.frame") == before
    page.press("Escape")
    page.run(f"{STAGE}.focus()")
    page.press("Escape")
    page.sized(900, 700, phone=True)
    page.touch("touchStart", (300, 300), (400, 300))
    for k in range(1, 6):
        page.touch("touchMove", (300 - 10 * k, 300), (400 + 10 * k, 300))
    page.touch("touchEnd")
    assert page.run(f"{SPIN}.zoom") == pytest.approx(2, abs=0.3)


def test_a_gap_shows_the_nearest_frame_and_says_so(pages: Pages, served: Site) -> None:
    lay_out(served, missing=(7, 8))
    del served.files["/f12.jpg"]  # announced, and not there
    page = shown(pages, served)
    all_there(page)
    gap = f"{SPIN}.shadowRoot.querySelector('.gap')"
    for frame, nearest, words in ((7, 7, "right side, 90"), (8, 10, "right rear, 135"), (12, 12, "rear, 165")):
        page.run(f"{SPIN}.frame = {frame}")
        assert text(page) == f"{words} degrees, frame {frame + 1} is missing", "what is seen, and what is not"
        assert page.run(f"{gap}.textContent") == f"Frame {frame + 1} of 24 is missing; frame {nearest} is shown."
        blank = f"{SPIN}.canvas.getContext('2d').getImageData(5, 5, 1, 1).data[3] === 0"
        assert page.run(blank) is False
    page.run(f"{SPIN}.frame = 9")
    text(page)
    assert page.run(f"{gap}.hidden")


def test_a_link_leads_to_an_angle_and_a_zoom_and_the_address_follows(pages: Pages, served: Site) -> None:
    lay_out(served, body=TAG.format(" deep-link"))
    page = shown(pages, served, link="#a=105&z=2")
    assert text(page) == "right side, 105 degrees, zoom 2.0"
    assert next(path for path in served.pictures() if path != "/f0.jpg") == "/f7.jpg", "that frame first"
    page.run(f"{STAGE}.focus()")
    page.press("Escape", "ArrowRight")
    page.wait("location.hash === '#a=120'")
    page.run("location.hash = 'a=180'")
    page.wait(f"{SPIN}.frame === 12")


def test_what_a_manifest_says_stays_text(pages: Pages, served: Site) -> None:
    keys = [{"angle_deg": 0, "x": 0.5, "y": 0.5}]
    spots = [{"type": vector, "title": vector, "text": vector, "span": 90, "at": keys} for vector in XSS]
    lay_out(served, hotspots=spots, title=XSS[0])
    page = shown(pages, served)
    page.wait(f"{SPIN}.shadowRoot.querySelectorAll('.spot:not([hidden])').length === {len(XSS)}")
    for i, vector in enumerate(XSS):
        page.run(f"{SPIN}.shadowRoot.querySelectorAll('.spot')[{i}].click()")
        assert page.run(f"{SPIN}.shadowRoot.querySelector('.note strong').textContent") == vector
    assert page.run("window.hacked ?? null") is None
    assert page.run(f"{SPIN}.shadowRoot.querySelectorAll('img, script').length") == 0
    assert page.complaints() == []


def test_a_hotspot_moves_with_the_car_and_is_seen_from_its_first_key_to_its_last(pages: Pages, served: Site) -> None:
    lay_out(served)
    page = shown(pages, served)
    keys = [{"angle_deg": angle, "x": on_turntable(angle), "y": 0.4} for angle in (330, 15, 60)]
    places = page.run(f"{json.dumps([*range(300, 360, 5), *range(0, 90, 5)])}"
        f".map((angle) => [angle, {CLASS}.placeOf({json.dumps({'at': keys})}, angle)?.x ?? null])")  # fmt: skip
    seen = {angle: x for angle, x in places if x is not None}
    assert set(seen) == {*range(330, 360, 5), *range(0, 65, 5)}
    assert max(abs(x - on_turntable(angle)) for angle, x in seen.items()) < 0.001


def on_turntable(degrees: float) -> float:
    """Where a point 0.3 widths from the axis is seen."""
    from math import radians, sin

    return 0.5 + 0.3 * sin(radians(degrees - 15))


@pytest.mark.parametrize(("motion", "turns"), [("reduce", False), ("no-preference", True)])
def test_it_turns_by_itself_only_for_who_has_not_asked_for_rest(
    pages: Pages, served: Site, motion: str, turns: bool
) -> None:
    lay_out(served, body=TAG.format(" autoplay"))
    page = shown(pages, served, prefers_reduced_motion=motion)
    if turns:
        page.wait(f"{SPIN}.frame > 0", 3)
        page.run(f"{SPIN}.shadowRoot.querySelector('[aria-label=\"Stop turning\"]').click()")
    page.run("new Promise((done) => setTimeout(done, 100))")
    rest = page.run(f"{SPIN}.frame")
    page.run("new Promise((done) => setTimeout(done, 400))")
    assert page.run(f"{SPIN}.frame") == rest
    assert (rest > 0) is turns


def test_without_scripts_there_is_a_picture(pages: Pages, served: Site) -> None:
    lay_out(served)
    page = pages(900, 700)
    page.ask("Emulation.setScriptExecutionDisabled", value=True)
    page.ask("Page.navigate", url=f"{served.url}/page.html")
    page.wait("document.querySelector('img')?.naturalWidth === 1200 && document.querySelector('img').offsetWidth > 0")


def test_frames_can_stand_in_the_page_itself(pages: Pages, served: Site) -> None:
    frames: Mapping[str, Any] = {"frames": [{"url": f"f{k}.jpg"} for k in range(24)]}
    inline = f'<script type="application/json">{json.dumps(frames)}</script>'
    lay_out(served, body=f'<vitrine-spin label="A car">{inline}</vitrine-spin>')
    page = shown(pages, served)
    all_there(page)
    assert page.run(f"{SPIN}.places.map((place) => place.angle)") == [15 * k for k in range(24)]


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
def test_nothing_is_in_the_way_of_who_uses_assistive_technology(
    pages: Pages, served: Site, size: tuple[int, int]
) -> None:
    keys = [{"angle_deg": 0, "x": 0.4, "y": 0.5}, {"angle_deg": 45, "x": 0.6, "y": 0.5}]
    spots = [
        {"type": kind, "title": "Scratch", "text": "3 cm, on the door", "at": keys} for kind in ("damage", "feature")
    ]
    lay_out(served, body="<h1>A car</h1>" + TAG.format(""), missing=(1,), hotspots=spots)
    page = shown(pages, served, size=size)
    all_there(page)
    assert faults(page) == []
    page.run(f"{SPIN}.frame = 1; {SPIN}.shadowRoot.querySelector('.spot').click()")
    text(page)
    assert faults(page) == []


@pytest.mark.parametrize("colours", ["none", "active"])
def test_who_uses_the_keyboard_sees_where_they_are(pages: Pages, served: Site, colours: str, tmp_path: Path) -> None:
    """In the picture itself: what is drawn below the canvas nobody sees."""
    lay_out(served)
    page = shown(pages, served, forced_colors=colours)
    left, middle = page.run(f"(({{ x, y, height }}) => [x + 2, y + height / 2])({SPIN}.getBoundingClientRect())")
    without = edge(page, tmp_path, left, middle)
    page.press("Tab")
    assert edge(page, tmp_path, left, middle) != without
    page.press("Tab")
    assert edge(page, tmp_path, left, middle) == without, "the focus has gone on to a button"


def edge(page: Page, folder: Path, x: float, y: float) -> object:
    """The colour of one pixel as it is seen."""
    with Image.open(page.picture(folder / "edge.png")) as picture:
        return picture.convert("RGB").getpixel((round(x), round(y)))


def test_a_published_set_opens_with_its_first_frame_and_counts_from_the_vehicles_front(
    pages: Pages, served: Site
) -> None:
    lay_out(served)
    frames = [
        {
            "frame": k,
            "angle_deg": 15.0 * k,
            "view_deg": (15.0 * k - 90) % 360,
            "published": {"name": f"f{k}.jpg", "width": 1200, "height": 900},
        }
        for k in (*range(9, 24), *range(9))
    ]
    served.files["/manifest.json"] = json.dumps(
        {"frame_count": 24, "direction": "counter_clockwise", "frames": frames}
    ).encode()
    page = shown(pages, served)
    assert text(page) == "left front, 45 degrees"
    page.drag((400, 300), (500, 300), (500, 300))
    assert page.run(f"{SPIN}.frame") < 9, "the surface follows the hand"
