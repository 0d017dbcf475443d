"""The viewer of a spin while frames are on their way, come late, or never: it says what is seen."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.conftest import faults
from tests.pages.test_spin import SPIN, STAGE, TAG, all_there, lay_out, shown, text
from tests.support.browser import Page
from tests.support.site import Answer, Site, drawn_frame

Pages = Callable[..., Page]
WATCH = """
  window.odd = []; window.seen = []; window.told = null;
  addEventListener('turn', ({ detail }) => (window.told = detail.frame), true);
  const look = () => {
    requestAnimationFrame(look);
    const spin = document.querySelector('vitrine-spin');
    if (!spin?.shadowRoot || spin.shadowRoot.querySelector('.bar').hidden) return;
    const { width, height } = spin.canvas;
    const row = spin.canvas.getContext('2d').getImageData(0, Math.round(height * 0.9), width, 1).data;
    const marked = [...Array(width).keys()].filter((x) => row[4 * x] > 150 && row[4 * x + 1] < 110);
    const frame = Math.floor((24 * marked[marked.length >> 1]) / width);
    const { stage, say } = spin;
    const said = [Number(stage.getAttribute('aria-valuenow')), parseInt(say.textContent.split('· ')[1]) / 15,
      parseInt(stage.getAttribute('aria-valuetext').split(', ')[1]) / 15];
    window.seen.push(frame);
    if (said.some((each) => each !== frame) || (window.told ?? frame) !== frame)
      window.odd.push([frame, ...said, window.told]);
  };
  requestAnimationFrame(look);
"""
"""Reads off each drawn picture which frame it is, and compares."""
GAP = f"{SPIN}.shadowRoot.querySelector('.gap')"
BUTTONS = f"[...{SPIN}.shadowRoot.querySelectorAll('.bar button')].filter((each) => !each.hidden)"


def pause(page: Page, seconds: float) -> None:
    page.run(f"new Promise((done) => setTimeout(done, {1000 * seconds}))")


@pytest.fixture
def watched(pages: Pages, served: Site) -> Page:
    """A page of a slow server, after its first frame."""
    lay_out(served, body=TAG.format(" deep-link autoplay"))
    served.slow_s = 0.25
    page = pages(900, 700)
    page.before_each(WATCH)
    page.open(f"{served.url}/page.html")
    page.wait(f"{SPIN}?.shadowRoot && !{SPIN}.shadowRoot.querySelector('.bar').hidden", 10)
    return page


def small_and_large(served: Site) -> None:
    lay_out(served)
    frames = [{"frame": k, "sizes": {"600": f"s{k}.jpg", "1200": f"f{k}.jpg"}} for k in range(24)]
    served.files["/manifest.json"] = json.dumps({"frames": frames}).encode()
    served.files |= {f"/s{k}.jpg": drawn_frame(k, width=600) for k in range(24)}


def test_what_is_said_is_what_is_seen_while_frames_are_on_their_way(watched: Page) -> None:
    watched.run(f"{SPIN}.shadowRoot.querySelector('[aria-label=\"Turn by itself\"]').click()")
    pause(watched, 0.8)
    watched.run(f"{STAGE}.focus()")
    watched.press("End", "ArrowLeft", "ArrowLeft")
    assert watched.run(f"{SPIN}.reel.loaded") < 24
    assert watched.run(f"{SPIN}.frame") == 21, "each press counts, whatever is seen already"
    all_there(watched)
    watched.wait("location.hash === '#a=315'", 5)
    assert watched.run("window.odd") == []
    assert watched.run("new Set(window.seen).size") > 2
    assert watched.run("window.seen.at(-1)") == 21


def test_it_begins_to_turn_by_itself_when_every_frame_is_there(watched: Page) -> None:
    watched.wait(f"{SPIN}.reel.loaded > 4")
    assert watched.run(f"{SPIN}.frame") == 0
    all_there(watched)
    watched.wait(f"{SPIN}.frame > 1", 5)
    watched.wait("location.hash !== ''", 5)
    watched.drag((300, 300))
    stopped = watched.run(f"{SPIN}.frame")
    watched.wait(f"location.hash === '#a={15 * stopped}'", 5)
    assert watched.run("window.odd") == []


def test_the_address_follows_a_turn_that_coasts_to_its_end(pages: Pages, served: Site) -> None:
    lay_out(served, body=TAG.format(" deep-link"))
    page = shown(pages, served)
    all_there(page)
    page.drag((200, 300), *((200 + 20 * k, 300) for k in range(1, 12)))
    pause(page, 1.4)
    assert page.run("location.hash") == f"#a={15 * page.run(f'{SPIN}.frame')}"


def test_a_frame_that_did_not_come_at_first_is_asked_for_again(pages: Pages, served: Site) -> None:
    lay_out(served)
    refused: list[str] = []

    def once(_: Any) -> Answer:
        refused.append("f6")
        return Answer(503, b"{}") if len(refused) == 1 else Answer(200, drawn_frame(6), "image/jpeg")

    served.routes["GET /f6.jpg"] = once
    page = shown(pages, served)
    all_there(page)
    page.run(f"{SPIN}.frame = 6")
    assert text(page) == "right side, 90 degrees"
    assert len(refused) == 2


def test_who_was_without_a_network_tries_again(pages: Pages, served: Site) -> None:
    lay_out(served)
    manifest = served.files.pop("/manifest.json")
    page = pages(900, 700)
    page.open(f"{served.url}/page.html")
    page.wait(f"{SPIN}?.shadowRoot && !{GAP}.hidden", 10)
    assert page.run(f"{GAP}.firstChild.data") == "The pictures cannot be loaded now."
    assert [each for each in faults(page) if "vitrine-spin" in each] == []
    served.files["/manifest.json"] = manifest
    page.run(f"{GAP}.querySelector('button').click()")
    all_there(page)
    assert page.run(f"{GAP}.hidden")
    assert text(page) == "front, 0 degrees"


def test_a_set_without_frames_says_so_and_keeps_its_picture(pages: Pages, served: Site) -> None:
    lay_out(served, frames=[])
    page = pages(900, 700)
    page.open(f"{served.url}/page.html")
    page.wait(f"{SPIN}?.shadowRoot && !{GAP}.hidden", 10)
    assert page.run(f"{GAP}.textContent") == "There are no pictures yet."
    assert page.run("document.querySelector('img').offsetWidth") > 0


def test_a_single_frame_is_looked_at_and_not_turned(pages: Pages, served: Site) -> None:
    lay_out(served, body=TAG.format(" autoplay"), frames=[{"url": "f0.jpg"}], frame_count=1)
    page = shown(pages, served)
    assert page.run(f"{BUTTONS}.map((each) => each.title)")[:2] == ["Zoom out", "Zoom in"]
    page.run(f"{STAGE}.focus()")
    page.press("ArrowRight", "+")
    assert text(page) == "front, 0 degrees, zoom 1.5"


def test_larger_pictures_come_when_the_viewer_becomes_larger(pages: Pages, served: Site) -> None:
    small_and_large(served)
    page = shown(pages, served, size=(400, 700))
    all_there(page)
    assert all(path.startswith("/s") for path in served.pictures() if path != "/f0.jpg")
    page.sized(1100, 900)
    page.wait(f"{SPIN}.places.every((place) => place.image.naturalWidth === 1200)", 10)
    page.wait(f"{SPIN}.places[0].bitmap.width === 1200", 10)
    page.run(f"{SPIN}.frame = 7")
    assert text(page) == "right side, 105 degrees"


def test_a_close_look_is_sharp_at_the_next_frame_too(pages: Pages, served: Site) -> None:
    small_and_large(served)
    page = shown(pages, served, size=(400, 700))
    all_there(page)
    page.run(f"{STAGE}.focus()")
    page.press("+", "ArrowRight")
    page.wait(f"{SPIN}.reel.close?.place.at === 1 && {SPIN}.reel.close.bitmap?.width === 1200", 10)


def test_its_buttons_keep_their_order_on_a_page_that_is_read_from_the_right(pages: Pages, served: Site) -> None:
    lay_out(served)
    served.files["/page.html"] = served.files["/page.html"].replace(b'<html lang="en">', b'<html lang="ar" dir="rtl">')
    page = shown(pages, served)
    places = page.run(f"{BUTTONS}.map((each) => each.getBoundingClientRect().x)")
    assert places == sorted(places)
