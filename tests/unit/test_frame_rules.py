from datetime import timedelta

import pytest

from tests.support.clock import NOW
from vitrine.assets.exif import Shot
from vitrine.assets.models import ThumbnailSize
from vitrine.capture.frames import keys, refusals, rules
from vitrine.capture.frames.exposure import exposure_of, shutter
from vitrine.capture.frames.models import Inspection, Looked, Outcome
from vitrine.capture.models import Exposure, Image, ImageStatus
from vitrine.identity.organisations.rules import tenant_of
from vitrine.pictures.faults import BadPicture, Fault
from vitrine.set_qc.models import FrameMeasures

IDS = [f"01930000-0000-7000-8000-00000000000{at}" for at in range(4)]
KEY = f"org/{IDS[0]}/site/{IDS[1]}/session/{IDS[2]}/{IDS[3]}.jpg"
MEASURES = FrameMeasures(
    sharpness=450,
    detail=400,
    coarse_detail=400,
    noise=1,
    brightness=0.5,
    clipped_shadows=0,
    clipped_highlights=0,
    ring_lab=(50, 0, 0),
    sha256="ab",
)
USABLE = Inspection(
    key=KEY,
    outcome=Outcome.USABLE,
    etag="e",
    size=9,
    looked=Looked(width=640, height=480, exposure=Exposure(iso=100), measures=MEASURES, checks={}),
    thumb_keys={"150": "t"},
    features_key="f",
)


def any_image(**changes: object) -> Image:
    image = Image(
        id=IDS[3],
        tenant=tenant_of(IDS[0]),
        session_id=IDS[2],
        vehicle_id=IDS[1],
        site_id=IDS[1],
        storage_key=KEY,
        file_name="IMG_001.jpg",
        content_type="image/jpeg",
        content_sha256="ab" * 32,
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )
    return image.model_copy(update=changes)


def refused(error: object = refusals.HASH_MISMATCH) -> Inspection:
    return Inspection.model_validate({"key": KEY, "outcome": "refused", "error": error})


def test_a_frames_key_says_all_that_is_needed_to_find_its_record() -> None:
    found = keys.parse(KEY)
    assert found is not None
    assert (str(found), found.tenant, found.image_id) == (KEY, "ten_" + IDS[0].replace("-", ""), IDS[3])
    assert found.original == f"originals/{KEY}"
    assert found.thumbnail(ThumbnailSize.SMALL) == KEY.removesuffix(".jpg") + "/thumb_150.jpg"
    assert found.features == f"capture/{found.tenant}/{IDS[2]}/{IDS[3]}/features.npz"


@pytest.mark.parametrize(
    "key", ["uploads/ten_a/b/c.jpg", KEY.upper(), KEY + "/x", KEY.replace(".jpg", ".mov"), "org/../" + KEY, ""]
)
def test_other_keys_are_no_frames(key: str) -> None:
    assert keys.parse(key) is None


def test_exposure_is_spelt_as_the_document_spells_it() -> None:
    exposure = exposure_of(Shot(iso=100, exposure_s=0.004, f_number=1.8))
    assert (exposure.iso, exposure.shutter, exposure.aperture) == (100, "1/250", "f/1.8")
    assert [shutter(each) for each in (1 / 3, 0.3, 1.0, 2.5, 1 / 8000)] == ["0.3", "0.3", "1", "2.5", "1/8000"]
    assert exposure_of(Shot()) == Exposure()


def test_a_usable_frame_is_processed_once() -> None:
    after = rules.inspected(any_image(), USABLE, NOW)
    assert (after.status, after.version, after.width, after.measures) == (ImageStatus.PROCESSED, 2, 640, MEASURES)
    assert rules.inspected(after, USABLE, NOW + timedelta(hours=1)) is after


def test_a_failure_carries_its_code_and_its_remedy() -> None:
    after = rules.inspected(any_image(), refused(refusals.of(BadPicture(Fault.UNREADABLE))), NOW)
    assert after.status is ImageStatus.FAILED
    assert after.error is not None
    assert (after.error.code, after.error.remedy) == ("corrupt", "Shoot the frame again.")


def test_wrong_bytes_settle_nothing_so_the_right_ones_may_still_come() -> None:
    wrong = rules.inspected(any_image(), refused(), NOW)
    assert rules.inspected(wrong, refused(), NOW) is wrong
    right = rules.inspected(wrong, USABLE, NOW)
    assert (right.status, right.error, right.version) == (ImageStatus.PROCESSED, None, 3)


def test_the_promised_bytes_settle_a_frame_though_wrong_ones_come_later() -> None:
    corrupt = rules.inspected(any_image(), refused(refusals.of(BadPicture(Fault.UNREADABLE))), NOW)
    processed = rules.inspected(any_image(), USABLE, NOW)
    assert rules.inspected(corrupt, refused(), NOW) is corrupt
    assert rules.inspected(processed, refused(), NOW) is processed


def test_every_fault_of_a_file_has_words_and_the_film_of_a_live_photo_its_own() -> None:
    assert all(refusals.of(BadPicture(fault)).remedy for fault in Fault)
    film = BadPicture(Fault.UNSUPPORTED, found="video/quicktime")
    assert refusals.of(film).code == "unsupported_live_photo_video"
