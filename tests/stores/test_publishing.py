"""A set is published whole or not at all, however often its states run, and wherever they die."""

import hashlib
import io
import zipfile
from typing import Any

import numpy as np
import pytest

from tests.support import pictures, plates
from tests.support.crowd import at_once
from tests.support.judged import MEDIA, PLATES, Machine, Spin, check
from vitrine.capture import service as sessions
from vitrine.capture import store as capture_store
from vitrine.capture.models import ImageStatus, Review, SessionStatus, SetStatus
from vitrine.capture.publishing import finishing, frames, public, service, storage
from vitrine.capture.publishing.failures import PLATES_UNKNOWN, FrameUnusable, PlatesUnknown, SetChanged, Withdrawn
from vitrine.capture.publishing.models import Manifest
from vitrine.identity.organisations.models import Redaction
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now
from vitrine.kernel.errors import Conflict, Invalid, NotFound
from vitrine.set_qc.models import CheckStatus
from vitrine.work import ending


def asked(spin: Spin, reason: str | None = None) -> Machine:
    return Machine(spin.tenant, service.request(spin.call(), spin.id, reason).publication.job_id)


def published(spin: Spin, reason: str | None = None) -> Manifest:
    machine = asked(spin, reason)
    machine.run()
    return manifest_of(spin)


def manifest_of(spin: Spin) -> Manifest:
    live = service.find(spin.call(), spin.id).publication.live
    assert live is not None
    return Manifest.model_validate_json(spin.read(f"{live.prefix}manifest.json"))


def statuses(spin: Spin) -> set[ImageStatus]:
    captured = sessions.read(spin.tenant, spin.id)
    assert captured is not None
    return {image.status for image in captured.images}


def ready(**options: Any) -> Spin:
    return Spin(**options).judged().looked_at()


def test_a_set_is_published_with_its_package_and_a_manifest_that_matches_every_byte() -> None:
    spin = ready()
    manifest = published(spin)
    live = service.find(spin.call(), spin.id).publication.live
    assert live is not None and live.package is not None
    assert live.package.name == "STK-001_360.zip"
    archive = spin.read(f"{live.prefix}{live.package.name}")
    assert hashlib.sha256(archive).hexdigest() == live.package.sha256 == (manifest.package and manifest.package.sha256)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        inside = {name: opened.read(name) for name in opened.namelist()}
    assert list(inside) == [frame.published.name for frame in manifest.frames]
    for frame in manifest.frames:
        alone = spin.read(f"{live.prefix}{frame.published.name}")
        assert alone == inside[frame.published.name]
        assert hashlib.sha256(alone).hexdigest() == frame.published.sha256
        image = next(image for image in spin.images if image.id == frame.image_id)
        kept = spin.read(f"originals/{image.storage_key}")
        assert hashlib.sha256(kept).hexdigest() == frame.original_sha256 == frame.uploaded_sha256
    assert statuses(spin) == {ImageStatus.PUBLISHED}


def test_a_turn_begins_at_the_front_three_quarter_and_angles_are_told_from_frame_and_front() -> None:
    manifest = published(ready())
    # The front is frame 2; going counter-clockwise, the left front is an eighth of 12 frames on.
    assert [frame.frame for frame in manifest.frames] == [4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3]
    assert [frame.published.name for frame in manifest.frames][:2] == ["STK-001_01_001.jpg", "STK-001_01_002.jpg"]
    assert (manifest.frames[0].angle_deg, manifest.frames[0].view_deg) == (120, 60)
    assert (manifest.frames[10].angle_deg, manifest.frames[10].view_deg) == (60, 0)


def test_plates_are_hidden_on_every_published_frame_and_edits_say_so() -> None:
    spin = ready()
    manifest = published(spin)
    for frame in manifest.frames:
        shown = "plate_redacted" in frame.edits
        assert shown is (frame.frame in PLATES)
        pixels = pictures.read(spin.read(f"{prefix(spin)}{frame.published.name}")).astype(int)
        if frame.frame is not None and frame.frame in PLATES:
            within = plates.inside(pixels.shape, PLATES[frame.frame])
            assert np.abs(np.diff(pixels, axis=1)).max(-1)[:, :-1][within[:, 1:-1]].max() < 20


def test_the_package_is_the_same_bytes_when_its_states_run_again() -> None:
    spin = ready()
    machine = asked(spin)
    steps = machine.plan()
    machine.make(steps)
    machine.pack(steps)
    first = {key: spin.read(key) for key in spin.public_files()}
    assert len(first) == 14
    for state in (machine.plan, machine.make, machine.pack):
        state(steps)
    assert {key: spin.read(key) for key in spin.public_files()} == first


def test_another_publication_of_the_same_frames_has_the_same_package() -> None:
    spin = ready()
    first = published(spin).package
    service.withdraw(spin.call(), spin.id, MEDIA)
    assert published(spin).package == first


DEATHS: dict[str, tuple[Any, str, int]] = {
    "before the plan is stored": (storage, "put", 1),
    "between two frames": (storage, "put", 6),
    "after a frame, before its note": (storage, "put", 9),
    "within the package": (storage.Upload, "finish", 1),
    "after the package, before the manifest": (finishing, "_written", 1),
    "before the transaction": (finishing, "_conclude", 1),
    "after the transaction, before tidying": (finishing, "tidy", 1),
}
"""What dies, at which of its calls."""


class Died(Exception):
    pass


def dies(patch: pytest.MonkeyPatch, where: Any, name: str, call: int) -> None:
    act, calls = getattr(where, name), iter(range(1, 10_000))

    def may_die(*given: Any) -> Any:
        if next(calls) == call:
            raise Died
        return act(*given)

    patch.setattr(where, name, may_die)


@pytest.mark.parametrize("death", DEATHS)
def test_a_death_anywhere_publishes_nothing_or_all_and_a_repeat_finishes(
    death: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spin = ready()
    machine = asked(spin)
    dies(monkeypatch, *DEATHS[death])
    died: list[bool] = []

    def look() -> None:
        live, shown = service.find(spin.call(), spin.id).publication.live, statuses(spin)
        assert (live is not None, shown) in ((False, {ImageStatus.PROCESSED}), (True, {ImageStatus.PUBLISHED}))
        died.append(live is not None)

    assert machine.run(tries=2, between=look) == {"outcome": "ready"}
    assert died == [death.startswith("after the transaction")]
    assert statuses(spin) == {ImageStatus.PUBLISHED}
    assert len(manifest_of(spin).frames) == 12


def test_what_was_public_stays_so_until_all_of_the_next_is_and_is_gone_then() -> None:
    spin = ready()
    published(spin)
    before = set(spin.public_files())
    spin.change(3, claim=spin.images[3].claim)
    tables.commit(capture_store.set_changed(spin.session))
    machine = asked(spin)
    steps = machine.plan()
    machine.make(steps)
    machine.pack(steps)
    assert before < set(spin.public_files())
    assert all(key.startswith(prefix(spin)) for key in before)
    machine.publish(steps)
    assert not before & set(spin.public_files())
    assert len(spin.public_files()) == len(before)


def prefix(spin: Spin) -> str:
    live = service.find(spin.call(), spin.id).publication.live
    assert live is not None
    return live.prefix


def test_many_who_publish_the_same_set_at_once_get_one_job() -> None:
    spin = ready()
    found = at_once(lambda _: service.request(spin.call(), spin.id, None).publication.job_id, 8)
    assert len(set(found)) == 1
    Machine(spin.tenant, found[0]).run()
    assert service.request(spin.call(), spin.id, None).publication.job_id == found[0]


def test_one_that_failed_is_followed_by_another() -> None:
    spin = ready()
    first = asked(spin).input["job_id"]
    ending.fail(spin.tenant, first, PLATES_UNKNOWN, utc_now())
    assert asked(spin).input["job_id"] != first


def test_a_set_that_changed_after_it_was_asked_for_is_not_published() -> None:
    spin = ready()
    machine = asked(spin)
    tables.commit(capture_store.set_changed(spin.session))
    with pytest.raises(SetChanged):
        machine.plan()


@pytest.mark.parametrize("redaction", [Redaction.BLUR, Redaction.BOX])
def test_unknown_plates_are_asked_for_once_and_then_nothing_is_published(redaction: Redaction) -> None:
    spin = Spin(redaction=redaction).judged().looked_at(0, 1, 2)
    machine = asked(spin)
    steps = machine.plan()
    assert sum(len(chunk["frames"]) for chunk in steps["chunks"]) == 9
    assert steps["chunks"][0]["frames"][0]["key"].startswith("originals/org/")
    with pytest.raises(PlatesUnknown):
        machine.plan(steps)
    with pytest.raises(PlatesUnknown):
        machine.make(steps)
    assert service.find(spin.call(), spin.id).publication.live is None


def test_plates_that_the_endpoint_found_meanwhile_are_hidden() -> None:
    spin = Spin().judged()
    machine = asked(spin)
    steps = machine.plan()
    spin.looked_at()
    steps = machine.plan(steps)
    assert steps["chunks"] == []
    machine.make(steps)
    machine.pack(steps)
    machine.publish(steps)
    assert {frame.frame for frame in manifest_of(spin).frames if "plate_redacted" in frame.edits} == set(PLATES)


def test_an_organisation_that_hides_no_plates_needs_nobody_to_look_for_them() -> None:
    manifest = published(Spin(redaction=Redaction.OFF).judged())
    assert {frame.edits for frame in manifest.frames} == {("metadata_removed",)}
    assert manifest.redaction is Redaction.OFF


def test_a_set_with_faults_is_published_by_somebodys_word_alone_and_the_manifest_keeps_it() -> None:
    spin = Spin(set_status=SetStatus.FAILED).judged().looked_at()
    spin.change(5, qc={"sharpness": check(CheckStatus.FAIL)})
    with pytest.raises(Invalid) as refused:
        service.request(spin.call(), spin.id, None)
    assert [field.where for field in refused.value.fields] == ["body.override_reason"]
    manifest = published(spin, "Sold as seen")
    by_frame = {frame.frame: frame for frame in manifest.frames}
    assert manifest.override is not None and manifest.override.reason == "Sold as seen"
    assert by_frame[5].override == manifest.override
    assert by_frame[5].qc.status is CheckStatus.FAIL
    assert by_frame[4].override is None


def test_a_frame_that_a_reviewer_let_pass_needs_no_other_word() -> None:
    spin = ready()
    review = Review(passed=True, reason="Rain", by="somebody", at=utc_now())
    spin.change(5, qc={"sharpness": check(CheckStatus.FAIL)}, review=review)
    frame = next(frame for frame in published(spin).frames if frame.frame == 5)
    assert frame.override is not None and frame.override.reason == "Rain"


@pytest.mark.parametrize(
    ("session", "code"),
    [({"set_status": SetStatus.JUDGING}, "set_being_judged"), ({"status": SessionStatus.ABANDONED}, "session_is_over")],
)
def test_a_set_that_is_not_ready_is_refused_whatever_the_reason(session: dict[str, Any], code: str) -> None:
    spin = Spin(frames=12, **session)
    with pytest.raises(Conflict) as refused:
        service.request(spin.call(), spin.id, "now")
    assert refused.value.code == code


def test_an_original_that_is_not_what_the_phone_announced_is_never_published() -> None:
    spin = ready()
    spin.put(f"originals/{spin.images[4].storage_key}", b"other bytes")
    machine = asked(spin)
    steps = machine.plan()
    machine.make(steps)
    with pytest.raises(FrameUnusable):
        machine.pack(steps)
    with pytest.raises(storage.Gone):
        machine.publish(steps)
    assert service.find(spin.call(), spin.id).publication.live is None


def test_a_publication_that_was_taken_back_leaves_no_file_no_address_and_no_status() -> None:
    spin = ready()
    published(spin)
    assert public.live(spin.tenant, spin.id).key_of("STK-001_360.zip") in spin.public_files()
    service.withdraw(spin.call(), spin.id, MEDIA)
    assert spin.public_files() == []
    assert statuses(spin) == {ImageStatus.PROCESSED}
    with pytest.raises(NotFound):
        public.live(spin.tenant, spin.id)
    service.withdraw(spin.call(), spin.id, MEDIA)


def test_taking_back_stops_a_job_that_is_at_it() -> None:
    spin = ready()
    machine = asked(spin)
    steps = machine.plan()
    machine.make(steps)
    machine.pack(steps)
    service.withdraw(spin.call(), spin.id, MEDIA)
    with pytest.raises(Withdrawn):
        machine.publish(steps)
    assert service.find(spin.call(), spin.id).publication.live is None


def test_what_a_publication_is_told_on_the_bus_and_its_job_says() -> None:
    spin = ready()
    published(spin)
    job = service.find(spin.call(), spin.id).job
    assert job is not None
    assert job.result == {"session_id": spin.id, "set_version": 0, "frames": 12}
    session = sessions.find(spin.tenant, spin.id)
    assert session is not None and session.published_version == 0


def test_a_large_set_changes_in_more_than_one_transaction_and_is_public_all_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finishing, "IN_ONE", 5)
    spin = ready()
    published(spin)
    assert statuses(spin) == {ImageStatus.PUBLISHED}


def test_another_site_and_another_organisation_find_neither_frame_nor_publication() -> None:
    spin = ready()
    published(spin)
    stranger = spin.call(sites=frozenset({"another site"}))
    for act in (
        lambda: frames.publish(stranger, spin.images[0].id, None, "nobody is asked"),
        lambda: service.find(stranger, spin.id),
        lambda: service.request(stranger, spin.id, None),
        lambda: service.withdraw(stranger, spin.id, MEDIA),
        lambda: service.find(Spin().call(), "another session"),
    ):
        with pytest.raises(NotFound):
            act()
