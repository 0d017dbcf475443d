"""`vitrine demo --spin` without a deployment: the faults, what counts as named, the page, the client's calls."""

import hashlib
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from infra.errors import CommandError
from infra.local.commands.demo import KEPT_FRAMES
from infra.local.progress import Silent
from infra.local.spin import demo, page
from infra.local.spin.client import Imaging360
from infra.local.spin.faults import Faults, Upload, spoilt
from infra.local.spin.verdict import Named, named
from vitrine.set_qc.measure import measure

FRAMES = sorted(KEPT_FRAMES.glob("*.jpg"))
FAULTS = Faults()
EXACT = Named((4,), (9,), ((13, 14),), (19,), ())


@pytest.fixture(scope="module")
def uploads() -> dict[int, Upload]:
    return {upload.place: upload for upload in spoilt(FRAMES, FAULTS)}


def pixels(data: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.float64)


def test_the_kept_frames_are_a_whole_turn_and_small_enough_to_be_kept() -> None:
    assert len(FRAMES) == 24
    assert sum(path.stat().st_size for path in FRAMES) < 1_500_000


def test_four_frames_are_spoilt_and_no_other(uploads: dict[int, Upload]) -> None:
    assert set(range(24)) - set(uploads) == {FAULTS.missing}
    changed = {place for place, upload in uploads.items() if upload.data != FRAMES[place].read_bytes()}
    assert changed == {FAULTS.blurred, FAULTS.overexposed, FAULTS.doubled}
    assert [upload.name for upload in uploads.values()] == [FRAMES[place].name for place in uploads]


def test_the_faults_are_what_they_are_called(uploads: dict[int, Upload]) -> None:
    whole = measure(FRAMES[FAULTS.blurred].read_bytes()).measures
    assert measure(uploads[FAULTS.blurred].data).measures.detail < 0.2 * whole.detail
    before = pixels(FRAMES[FAULTS.overexposed].read_bytes())
    assert pixels(uploads[FAULTS.overexposed].data).mean() > before.mean() + 20
    first, again = FRAMES[FAULTS.doubled - 1].read_bytes(), uploads[FAULTS.doubled].data
    assert first != again and np.abs(pixels(first) - pixels(again)).mean() < 3


def test_a_spoilt_frame_keeps_its_exif(uploads: dict[int, Upload]) -> None:
    for place in (FAULTS.blurred, FAULTS.overexposed, FAULTS.doubled):
        ours = Image.open(io.BytesIO(uploads[place].data)).getexif().get_ifd(0x8769)
        assert ours[0x9003] == Image.open(FRAMES[place]).getexif().get_ifd(0x8769)[0x9003]


def check(status: str) -> dict[str, Any]:
    return {"score": 0.1, "threshold": 0.6, "status": status, "code": "c", "message": "Seen <so>.", "remedy": "Again."}


def images_with(failing: dict[int, str]) -> list[dict[str, Any]]:
    return [
        {"id": f"image-{place}", "frame": place, "status": "processed", "qc": {failing.get(place, "x"): check("fail")}
         if place in failing else {"sharpness": check("pass"), "position": check("warn")}}
        for place in range(24) if place != FAULTS.missing
    ]  # fmt: skip


def session_with(**changes: Any) -> dict[str, Any]:
    known = {
        "missing": [{"frame": 19}], "duplicates": [{"first": "image-14", "second": "image-13", "score": 0.1}],
        "front_frame": 0, "direction": "counter_clockwise", "confidence": 1.0, "status": "failed",
        "reshoot": [{"station": "frame 4, 60 degrees", "remedy": "Shoot it again."}],
    }  # fmt: skip
    return {"id": "s", "set": {**known, **changes}}


FOUND = {4: "sharpness", 9: "exposure"}


def test_the_four_faults_are_named_and_nothing_else() -> None:
    found = named(session_with(), images_with(FOUND))
    assert found == EXACT
    assert found.exactly(FAULTS)


@pytest.mark.parametrize(
    ("failing", "changes"),
    [
        ({4: "sharpness"}, {}),
        ({**FOUND, 7: "sharpness"}, {}),
        ({**FOUND, 7: "position"}, {}),
        (FOUND, {"duplicates": []}),
        (FOUND, {"missing": [{"frame": 18}]}),
        (FOUND, {"missing": [{"frame": 19}, {"frame": 20}]}),
    ],
)
def test_one_fault_more_or_fewer_is_not_exact(failing: dict[int, str], changes: dict[str, Any]) -> None:
    assert not named(session_with(**changes), images_with(failing)).exactly(FAULTS)


def test_a_frame_that_could_not_be_read_is_not_passed_over() -> None:
    images = images_with(FOUND)
    images[0]["status"] = "failed"
    assert named(session_with(), images).others == (0,)


def test_the_page_holds_the_spin_and_the_verdict_on_every_place(tmp_path: Path, uploads: dict[int, Upload]) -> None:
    (tmp_path / "frames").mkdir()
    for upload in uploads.values():
        (tmp_path / "frames" / upload.name).write_bytes(upload.data)
    pictures = {place: f"frames/{upload.name}" for place, upload in uploads.items()}
    summary = {"named_exactly": True, "timeline": {"upload": 1.0}}
    page.write(tmp_path, session_with(), images_with(FOUND), pictures, 24, summary)
    text = (tmp_path / "index.html").read_text()
    (manifest,) = re.findall(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    read = json.loads(manifest)
    assert (read["frame_count"], len(read["frames"]), read["front_angle"]) == (24, 23, 0)
    assert all((tmp_path / frame["url"]).is_file() for frame in read["frames"])
    assert (tmp_path / "spin.js").is_file()
    assert text.count('<tr class="fail">') == 3 and text.count('<tr class="warn">') == 21
    assert "Seen &lt;so&gt;." in text and "$" not in text.replace("${", "")


class Recorded:
    """A service that answers as the contract says, and keeps what it was asked."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if request.url.host == "bucket":
            return httpx.Response(200)
        headers = {"Content-Type": "image/jpeg", "x-amz-checksum-sha256": "abc"}
        known = {"upload_url": "https://bucket/key?secret=1", "headers": headers, "already_uploaded": False}
        return httpx.Response(200, json=known)


def test_a_signed_url_never_sees_the_token_and_gets_the_signed_headers() -> None:
    service, upload = Recorded(), Upload(3, "frame_004.jpg", b"bytes")
    with httpx.Client(transport=httpx.MockTransport(service)) as http:
        Imaging360(http, "https://api", "token").upload("session", upload)
    asked, put = service.seen
    assert json.loads(asked.content)["content_sha256"] == hashlib.sha256(upload.data).hexdigest()
    assert asked.headers["Authorization"] == "Bearer token"
    assert "Authorization" not in put.headers and put.headers["x-amz-checksum-sha256"] == "abc"


def test_an_error_never_shows_a_signed_query() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.host == "bucket":
            return httpx.Response(403, text="no")
        return httpx.Response(200, json={"upload_url": "https://bucket/key?secret=1", "headers": {}})

    with httpx.Client(transport=httpx.MockTransport(refuse)) as http, pytest.raises(CommandError) as refused:
        Imaging360(http, "https://api", "token").upload("session", Upload(0, "a.jpg", b"x"))
    assert "secret" not in refused.value.message


def test_places_follow_the_faults_that_were_made() -> None:
    assert EXACT.exactly(FAULTS) and not EXACT.exactly(replace(FAULTS, blurred=5))


def test_an_answer_that_passes_is_asked_for_again() -> None:
    answers = iter([httpx.Response(502), httpx.Response(200, json={"data": [{"id": "site"}]})])
    with httpx.Client(transport=httpx.MockTransport(lambda _: next(answers))) as http:
        assert Imaging360(http, "https://api", "token").first_site() == "site"


def test_a_set_that_may_not_be_published_is_shown_all_the_same() -> None:
    refused = httpx.Response(409, json={"error": {"code": "CONFLICT", "message": "No."}})
    with httpx.Client(transport=httpx.MockTransport(lambda _: refused)) as http:
        answer = demo.published(Imaging360(http, "https://api", "token"), "session", Silent())
    assert answer == {"status": "refused", "frames": []}
