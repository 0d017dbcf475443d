"""Sessions and images in their table: versions, counters, and what a reader sees."""

from datetime import timedelta

import pytest

from tests.support.captures import SESSION, TENANT, any_frame, any_session
from tests.support.clock import NOW
from tests.support.crowd import at_once
from vitrine.capture import rules, service, store
from vitrine.capture.models import Claim, SessionStatus, SetStatus, SetVerdict
from vitrine.kernel import tables


def stored(images: int = 0) -> None:
    session = any_session()
    tables.commit(store.insert(session))
    for number in range(images):
        tables.commit(store.counting(session), *store.insert_image(any_frame(number)))


def test_a_session_is_read_with_its_images_and_its_verdict_at_once() -> None:
    stored(images=3)
    session = service.find(TENANT, SESSION)
    assert session is not None
    verdict = SetVerdict(
        set_version=3, status=SetStatus.COMPLETE, thresholds="v1", report_key="capture/report.json", judged_at=NOW
    )
    after = rules.changed(session, NOW, set_status=SetStatus.COMPLETE, judged_version=3)
    tables.commit(store.replace(after), store.put_verdict(after, verdict, {}))
    before = tables.round_trips()
    found = service.read(TENANT, SESSION)
    assert tables.round_trips() - before == 1
    assert found is not None
    assert (found.session, found.verdict) == (after, verdict)
    assert [image.position.frame for image in found.images] == [0, 1, 2]


def test_places_are_worked_out_and_never_stored() -> None:
    image = any_frame(0, claim=Claim(frame=9), current=False, duplicate_of="x")
    tables.commit(store.insert(any_session()), *store.insert_image(image))
    found = service.find_image(TENANT, SESSION, image.id)
    assert found is not None
    assert (found.position.frame, found.current, found.duplicate_of) == (None, True, None)
    read = service.read(TENANT, SESSION)
    assert read is not None
    assert read.images[0].position.frame == 9


def test_counters_are_exact_whatever_comes_at_once_and_survive_changes_of_the_session() -> None:
    session = any_session()
    tables.commit(store.insert(session))
    at_once(lambda number: tables.commit(store.counting(session), *store.insert_image(any_frame(number))), 48)
    at_once(lambda _: tables.commit(store.set_changed(session)), 24)
    tables.commit(store.replace(rules.changed(session, NOW, set_status=SetStatus.JUDGING)))
    found = service.find(TENANT, SESSION)
    assert found is not None
    assert (found.image_count, found.set_version, found.set_status) == (48, 24, SetStatus.JUDGING)


def test_a_stale_change_of_a_session_or_an_image_is_refused() -> None:
    stored(images=1)
    session, image = any_session(), any_frame(0)
    changes = (store.replace, rules.changed(session, NOW)), (store.replace_image, rules.image_changed(image, NOW))
    for (replace, after), error in zip(changes, (store.StaleSession, store.StaleImage), strict=True):
        tables.commit(replace(after))  # type: ignore[operator]
        with pytest.raises(error):
            tables.commit(replace(after))  # type: ignore[operator]


def test_an_abandoned_session_counts_no_more_images() -> None:
    stored()
    closed = rules.close(any_session(), SessionStatus.ABANDONED, None, NOW + timedelta(minutes=1))
    tables.commit(store.replace(closed))
    with pytest.raises(store.StaleSession):
        tables.commit(store.counting(closed), *store.insert_image(any_frame(0)))


def test_the_session_of_an_image_is_known_by_the_images_id() -> None:
    stored(images=1)
    assert store.session_of(TENANT, any_frame(0).id) == SESSION
    assert store.session_of("ten_other", any_frame(0).id) is None
    assert service.read("ten_other", SESSION) is None
