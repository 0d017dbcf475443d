"""A photo's whole way through stagecraft, over HTTP: in a form, waited for, uploaded, refused, failed."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import numpy as np
import pytest

from tests.journeys.test_endpoint_failures import no_endpoint, refusals
from tests.support import empty_room, pictures
from tests.support.agent import Agent, good, refusal
from tests.support.backstage import Backstage
from tests.support.patience import until
from vitrine.contracts.catalogue import RoomType
from vitrine.kernel.clock import utc_now

SMALL = (300, 256)


@pytest.fixture
def ann(agents: Callable[..., Agent]) -> Agent:
    return agents()


def photo() -> bytes:
    return empty_room.photo(*SMALL)


def test_a_photo_goes_in_by_a_form_and_its_staged_picture_comes_out(ann: Agent) -> None:
    ann.usage  # noqa: B018 - the account's function is warm, which is none of what is timed
    sent_at = time.monotonic()
    answer = ann.order(photo(), style="hamptons", property_name="12 Elm Street")
    taken_s = time.monotonic() - sent_at
    staging_id = good(answer, 202)["id"]
    assert good(ann.http.get(str(answer.url.join(answer.headers["location"]))), 200)["id"] == staging_id
    assert taken_s < 10, "two seconds, on a machine that does nothing else"

    seen = []

    def is_over() -> bool:
        state = ann.read(staging_id)
        seen.append((state["status"], state["progress"]))
        return bool(state["status"] != "processing")

    until(is_over, 120, "the staging")
    progress = [share for status, share in seen if status == "processing"]
    assert progress == sorted(progress)
    assert len(set(progress)) >= 3
    assert all(0 <= share < 1 for share in progress)
    assert seen[-1] == ("completed", None)

    result = ann.read(staging_id)["result"]
    assert result["room_type"] in set(RoomType), "it was detected"
    assert result["architectural_integrity"] is True
    assert 0 < result["quality_score"] <= 1
    assert 0 < result["processing_time_ms"] < 120_000
    assert (result["style"], result["quality_mode"], result["property_name"]) == (
        "hamptons",
        "standard",
        "12 Elm Street",
    )
    original, staged, mask = (
        ann.plain.get(result[name]).raise_for_status().content
        for name in ("original_image_url", "staged_image_url", "mask_url")
    )
    assert original == photo()
    untouched = pictures.read(mask)[..., 0] == 0
    np.testing.assert_array_equal(pictures.read(staged)[untouched], pictures.read(photo())[untouched])
    assert (pictures.read(staged)[~untouched] != pictures.read(photo())[~untouched]).any()
    assert ann.usage["stagings_completed"] == 1
    recent = good(ann.http.get("/api/account"), 200)["recent_stagings"]
    assert [(one["id"], one["property_name"]) for one in recent] == [(staging_id, "12 Elm Street")]


def test_who_prefers_to_wait_gets_the_finished_result_or_the_id_when_it_takes_longer(ann: Agent) -> None:
    answer = ann.order(photo(), room_type="bedroom", headers={"Prefer": "wait=25"})
    staging = answer.json()
    if answer.status_code == 202:
        assert "preference-applied" not in answer.headers
        staging = ann.wait(staging["id"])["result"]
    else:
        assert answer.headers["preference-applied"] == "wait=25"
    assert (staging["error_code"], staging["status"], staging["room_type"]) == (None, "completed", "bedroom")
    assert ann.plain.get(staging["staged_image_url"]).status_code == 200


def test_a_photo_too_large_for_a_form_goes_by_the_upload_that_the_refusal_names(ann: Agent) -> None:
    large = photo() + bytes(4_600_000)
    refused = ann.order(large)
    assert refusal(refused) == (413, "IMAGE_TOO_LARGE")
    assert "presign" in refused.text
    key = ann.upload(large)
    taken = ann.http.post("/api/stage", json={"image": key, "style": "art_deco", "quality_mode": "standard"})
    assert ann.wait(good(taken, 202)["id"])["status"] == "completed"


def test_what_is_not_a_room_ends_with_the_documents_code_and_does_not_count(ann: Agent) -> None:
    state = ann.wait(ann.stage(empty_room.no_room()))
    assert (state["status"], state["error_code"], state["result"]) == ("failed", "NOT_INTERIOR_IMAGE", None)
    assert "photograph the room" in state["error"]
    assert ann.usage["stagings_completed"] == 0


def test_a_truncated_photo_fails_as_of_no_format_that_can_be_read(ann: Agent) -> None:
    state = ann.wait(ann.stage(photo()[:4000]))
    assert (state["status"], state["error_code"]) == ("failed", "INVALID_IMAGE_FORMAT")


def test_what_cannot_be_taken_is_refused_at_once_in_the_documents_shape(ann: Agent) -> None:
    gif = ann.order(b"GIF89a" + bytes(500), "room.gif")
    assert refusal(gif) == (400, "INVALID_IMAGE_FORMAT")
    assert gif.json()["error"].keys() == {"code", "message", "details", "request_id"}
    assert gif.json()["error"]["details"] == "Received image/gif format"
    assert refusal(ann.order(photo(), style="baroque")) == (422, "INVALID_STYLE")
    assert refusal(ann.order(photo(), room_type="garage")) == (422, "INVALID_REQUEST")
    assert refusal(ann.http.get("/api/stage/stg_01hx0000000000000000000000")) == (404, "STAGING_NOT_FOUND")
    broken = ann.http.post(
        "/api/stage", content=b"--x\r\nbroken", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert refusal(broken) == (400, "INVALID_REQUEST")


def test_a_repeated_request_under_one_key_stages_once(ann: Agent) -> None:
    orders = [ann.order(photo(), headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert len({good(answer, 202)["id"] for answer in orders}) == 1
    assert len(good(ann.http.get("/api/account"), 200)["recent_stagings"]) == 1


def test_a_staging_that_takes_too_long_ends_with_the_documents_code(ann: Agent, backstage: Backstage) -> None:
    staging_id = good(
        ann.http.post("/api/stage", json={"image": ann.presign(1000)["file_key"], "style": "art_deco"}), 202
    )["id"]
    key = good(ann.http.post("/api/stage", json={"image": ann.upload(photo()), "style": "art_deco"}), 202)["id"]
    until(lambda: ann.job(key).state == "processing", what="the engine to begin")
    for job_id in (staging_id, key):
        backstage.set_deadline(ann.tenant, job_id, utc_now())
    assert not backstage.invoke("reactions-sweep-deadlines", {}).failed
    assert ann.wait(key)["error_code"] == "PROCESSING_TIMEOUT"
    assert ann.wait(staging_id)["error_code"] == "UPLOAD_MISSING"


@pytest.mark.usefixtures("alone")
def test_an_endpoint_that_is_down_for_a_minute_delays_a_staging_and_does_not_fail_it(
    ann: Agent, backstage: Backstage
) -> None:
    with no_endpoint(backstage):
        staging_id = ann.stage(photo())
        until(lambda: refusals(backstage, staging_id) >= 3, what="the endpoint to be asked three times")
        down_until = ann.job(staging_id).created_at + timedelta(minutes=1)
        until(lambda: utc_now() >= down_until, what="the minute to pass")
        assert ann.read(staging_id)["status"] == "processing"
    assert ann.wait(staging_id)["status"] == "completed"


def test_one_accounts_staging_is_no_others(ann: Agent, agents: Callable[..., Agent]) -> None:
    staging_id = ann.stage(empty_room.no_room())
    assert refusal(agents().http.get(f"/api/stage/{staging_id}")) == (404, "STAGING_NOT_FOUND")


def test_the_styles_are_everybodys_and_caches(ann: Agent) -> None:
    read = partial(ann.plain.get, f"{str(ann.http.base_url).rstrip('/')}/api/styles")
    listed = read()
    styles = good(listed, 200)["styles"]
    assert len(styles) >= 8
    assert read(headers={"If-None-Match": listed.headers["etag"]}).status_code == 304
    for style in styles:
        picture = ann.plain.get(style["preview_image"])
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
        assert pictures.read(picture.content).shape[1] == 640
        assert "immutable" in picture.headers["cache-control"] or "31536000" in picture.headers["cache-control"]
