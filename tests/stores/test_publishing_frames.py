"""One frame on its own: the API's side decides and commits, the function that carries the imaging layer makes it."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from functions.imaging360_api import publishing
from tests.stores.test_publishing import prefix, published, ready
from tests.support import pictures, plates
from tests.support.cloud import client
from tests.support.crowd import at_once
from tests.support.judged import MEDIA, PLATES, Spin, check
from tests.support.makers import Lambda, making
from tests.support.requests import Reply, send
from vitrine.capture import service as sessions
from vitrine.capture.models import Image, ImageStatus, Review
from vitrine.capture.publishing import frames, service
from vitrine.identity.organisations import service as organisations
from vitrine.identity.organisations.models import Redaction
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import FrameMaker
from vitrine.kernel.errors import Conflict, Invalid, Unavailable
from vitrine.set_qc.models import CheckStatus

MAKER = FrameMaker.load().frame_maker_arn
WHY = {"override_reason": "A scratch, shown on purpose."}


@pytest.fixture(autouse=True)
def maker() -> Iterator[Lambda]:
    with making() as made:
        yield made


def publish(spin: Spin, number: int = 0, reason: str | None = None) -> Image:
    return frames.publish(spin.call(), spin.images[number].id, reason, MAKER)


def over_http(spin: Spin, number: int = 0, body: Any = None, key: str | None = None, role: str = "reviewer") -> Reply:
    path, headers = f"/v1/images/{spin.images[number].id}/publish", {"Idempotency-Key": key} if key else {}
    token = spin.dealer.user(role)
    return send(publishing.handler, "POST", path, token=token, body={} if body is None else body, headers=headers)


def stored(spin: Spin, number: int = 0) -> Image:
    image = sessions.find_image(spin.tenant, spin.id, spin.images[number].id)
    assert image is not None
    return image


def shown(spin: Spin, image: Image) -> Any:
    """The published pixels of the plate of frame 0."""
    pixels = pictures.read(spin.read(image.published_key or "")).astype(int)
    return pixels, plates.inside(pixels.shape, PLATES[0])


def told(spin: Spin) -> list[Any]:
    items = client("dynamodb").scan(TableName="capture")["Items"]
    return [item for item in items if item.get("type", {}).get("S") == "FramePublished"]


def late(_: int) -> None:
    raise ReadTimeoutError(endpoint_url="https://lambda")


def throttled(_: int) -> None:
    raise ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Invoke")


def test_a_frame_alone_is_published_with_its_plate_hidden_and_once(maker: Lambda) -> None:
    spin = ready()
    image = publish(spin)
    assert image.status is ImageStatus.PUBLISHED and image.published_key is not None
    pixels, within = shown(spin, image)
    assert np.abs(np.diff(pixels, axis=1)).max(-1)[:, :-1][within[:, 1:-1]].max() < 20
    assert publish(spin).version == image.version
    assert len(maker.calls) == len(told(spin)) == 1


def test_a_failed_frame_alone_needs_a_reason_and_unknown_plates_publish_nothing() -> None:
    spin = Spin().judged()
    spin.change(1, qc={"sharpness": check(CheckStatus.FAIL)})
    with pytest.raises(Invalid):
        publish(spin, 1)
    with pytest.raises(Unavailable) as refused:
        publish(spin, 1, "Fine")
    assert refused.value.code == "plates_unknown"
    assert spin.public_files() == []
    spin.looked_at(1)
    assert publish(spin, 1, "Fine").status is ImageStatus.PUBLISHED


def test_whose_word_a_failed_frame_was_published_by_stays_with_it_until_it_is_withdrawn() -> None:
    spin = ready()
    spin.change(1, qc={"sharpness": check(CheckStatus.FAIL)})
    published(spin, "All of it")
    service.withdraw(spin.call(), spin.id, MEDIA)
    call = spin.call()
    word = frames.publish(call, spin.images[1].id, "Fine", MAKER).override
    assert word == Review(passed=True, reason="Fine", by=call.principal.actor, at=call.now)
    assert frames.publish(call, spin.images[2].id, "Not needed", MAKER).override is None
    service.withdraw(spin.call(), spin.id, MEDIA)
    assert stored(spin, 1).override is None


@pytest.mark.parametrize("redaction", [Redaction.BOX, Redaction.OFF])
def test_a_frame_alone_is_published_as_its_organisation_wants_it(maker: Lambda, redaction: Redaction) -> None:
    spin = ready(redaction=redaction)
    pixels, within = shown(spin, publish(spin))
    is_grey = bool(np.abs(pixels[within] - 40).mean() < 6)
    assert is_grey is (redaction is Redaction.BOX)
    assert len(maker.calls) == 1


def test_a_frame_alone_needs_nobody_to_look_where_no_plates_are_hidden() -> None:
    spin = Spin(redaction=Redaction.OFF).judged()
    assert publish(spin).status is ImageStatus.PUBLISHED


def test_a_frame_that_is_no_picture_is_not_published_whatever_the_reason() -> None:
    spin = ready()
    spin.change(1, status=ImageStatus.FAILED)
    with pytest.raises(Conflict):
        publish(spin, 1, "Fine")


def test_an_original_that_is_not_what_the_phone_announced_is_not_published_alone() -> None:
    spin = ready()
    spin.put(f"originals/{spin.images[1].storage_key}", b"other bytes")
    answer = over_http(spin, 1)
    assert (answer.status, answer.json()["error"]["code"]) == (409, "FRAME_NOT_USABLE")
    assert spin.public_files() == []


def test_a_frame_alone_becomes_its_sets_when_that_is_published() -> None:
    spin = ready()
    alone = publish(spin)
    published(spin)
    assert alone.published_key not in spin.public_files()
    assert all(key.startswith(prefix(spin)) for key in spin.public_files())


def test_a_file_that_was_made_with_its_plate_is_never_taken_for_one_without(maker: Lambda) -> None:
    spin = ready(redaction=Redaction.OFF)
    maker.invoke(MAKER, json.dumps(asked(spin)).encode())
    organisations.set_policies(spin.tenant, {"redaction": Redaction.BOX})
    pixels, within = shown(spin, publish(spin))
    assert np.abs(pixels[within] - 40).mean() < 6
    assert len(spin.public_files()) == 2


def asked(spin: Spin, number: int = 0) -> Any:
    with making(late) as maker, pytest.raises(Unavailable):
        publish(spin, number)
    return maker.calls[0]


def test_a_policy_that_changes_between_making_and_committing_has_the_frame_made_again(
    maker: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    spin = ready(redaction=Redaction.OFF)
    commit = tables.commit

    def change_first(*writes: Any) -> None:
        monkeypatch.setattr(tables, "commit", commit)
        organisations.set_policies(spin.tenant, {"redaction": Redaction.BOX})
        commit(*writes)

    monkeypatch.setattr(tables, "commit", change_first)
    pixels, within = shown(spin, publish(spin))
    assert np.abs(pixels[within] - 40).mean() < 6
    assert len(maker.calls) == 2


def test_many_who_publish_the_same_frame_at_once_publish_it_once() -> None:
    spin = ready()
    found = at_once(lambda _: publish(spin), 6)
    assert len({image.version for image in found}) == len(told(spin)) == 1


@pytest.mark.parametrize("fault", [late, throttled])
def test_a_frame_that_is_not_made_in_time_is_503_and_the_next_try_finds_it_made(fault: Any) -> None:
    spin = ready()
    order = asked(spin)
    with making(fault) as maker:
        answer = over_http(spin, key="k")
    assert (answer.status, answer.json()["error"]["code"]) == (503, "FRAME_NOT_READY")
    assert int(answer.headers["retry-after"]) == frames.RETRY_AFTER_S
    assert len(maker.calls) == 1, "nobody calls twice by itself"
    assert stored(spin).published_at is None
    with making() as maker:  # what was begun goes on
        maker.invoke(MAKER, json.dumps(order).encode())
        made = {key: spin.read(key) for key in spin.public_files()}
        client("s3").delete_object(Bucket=MEDIA, Key=f"originals/{spin.images[0].storage_key}")
        assert over_http(spin, key="k").status == 200, "it was not made again"
    assert {key: spin.read(key) for key in spin.public_files()} == made


def test_a_frame_is_published_over_http_as_the_document_says_by_reviewers_and_admins_alone() -> None:
    spin = ready()
    spin.change(0, qc={"sharpness": check(CheckStatus.FAIL)})
    assert over_http(spin, role="operator").status == 403
    refused = over_http(spin)
    assert (refused.status, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    answer = over_http(spin, body=WHY)
    assert answer.status == 200
    assert answer.json() == {
        "id": spin.images[0].id,
        "status": "published",
        "published_at": answer.json()["published_at"],
    }
    assert answer.json()["published_at"] is not None
    assert over_http(spin, body=WHY, role="admin").json() == answer.json()


def test_under_a_key_a_frame_is_published_once_and_a_repeat_tells_how_it_is_now() -> None:
    spin = ready()
    token = spin.dealer.user("reviewer")

    def ask(number: int = 0, key: str = "k") -> Reply:
        path = f"/v1/images/{spin.images[number].id}/publish"
        return send(publishing.handler, "POST", path, token=token, body={}, headers={"Idempotency-Key": key})

    first = ask()
    assert (first.status, ask().json()) == (200, first.json())
    assert ask(1).status == 400, "the key is another frame's"
    assert stored(spin, 1).published_at is None
    published(spin)
    service.withdraw(spin.call(), spin.id, MEDIA)
    assert (ask().status, ask().json()["status"]) == (200, "processed"), "a late repeat publishes nothing again"
    assert ask(key="another").json()["status"] == "published"


def test_a_key_whose_try_was_refused_is_free() -> None:
    spin = ready()
    spin.change(0, qc={"sharpness": check(CheckStatus.FAIL)})
    token = spin.dealer.user("reviewer")
    path = f"/v1/images/{spin.images[0].id}/publish"
    answers = [
        send(publishing.handler, "POST", path, token=token, body=body, headers={"Idempotency-Key": "k"}).status
        for body in ({}, WHY)
    ]
    assert answers == [400, 200]


@pytest.mark.parametrize("redaction", list(Redaction))
def test_a_frame_that_failed_costs_four_round_trips_whatever_is_done_about_its_plates(redaction: Redaction) -> None:
    spin = ready(redaction=redaction)
    spin.change(1, qc={"sharpness": check(CheckStatus.FAIL)})
    token, path = spin.dealer.user("reviewer"), "/v1/images/{}/publish"
    send(publishing.handler, "POST", path.format(utc_now()), token=token, body={})  # looks for maintenance
    before = tables.round_trips()
    headers = {"Idempotency-Key": "k"}
    answer = send(publishing.handler, "POST", path.format(spin.images[1].id), token=token, body=WHY, headers=headers)
    assert (answer.status, tables.round_trips() - before) == (200, 4)
