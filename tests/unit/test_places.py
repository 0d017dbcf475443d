"""Where frames stand: by request, file name or time, whatever the order of arrival."""

import random
from datetime import datetime, timedelta

import pytest

from tests.support.captures import any_frame, any_session, named
from tests.support.clock import NOW
from vitrine.capture import places, rules
from vitrine.capture.models import (
    CaptureMode,
    Claim,
    Exposure,
    Image,
    ImageStatus,
    Position,
    PositionSource,
    Session,
    SessionStatus,
    ShotList,
)
from vitrine.kernel.errors import BadRequest

TURN = any_session()


def taken(seconds: float, zone: bool = True) -> Exposure:
    moment: datetime = NOW + timedelta(seconds=seconds)
    return Exposure(taken_at=moment if zone else moment.replace(tzinfo=None))


def frames(images: list[Image], session: Session = TURN) -> dict[str, int | None]:
    """By file name, shuffled: the order of arrival says nothing."""
    shuffled = random.Random(7).sample(images, len(images))
    return {image.file_name: image.position.frame for image in places.arrange(session, shuffled)}


def one(image: Image, *others: Image, session: Session = TURN) -> Image:
    return next(each for each in places.arrange(session, [image, *others]) if each.id == image.id)


@pytest.mark.parametrize("name", ["img{}.jpg", "IMG_{:03}.JPG", "car-{}.jpeg", "car ({}).jpg", "12345_01_{:03}.jpg"])
@pytest.mark.parametrize("base", [0, 1])
def test_names_count_from_0_or_from_1_with_or_without_padding(name: str, base: int) -> None:
    names = [name.format(number + base) for number in range(24)]
    assert frames(named(*names)) == {each: frame for frame, each in enumerate(names)}


def test_ten_frames_without_padding_stand_as_with_it() -> None:
    plain, padded = (frames(named(*(form.format(k) for k in range(1, 11)))) for form in ("img{}.jpg", "img{:02}.jpg"))
    assert list(plain.values()) == list(padded.values()) == list(range(10))
    assert list(plain) == [f"img{k}.jpg" for k in range(1, 11)]


def test_a_cameras_names_count_from_the_lowest_of_the_session() -> None:
    names = [f"DSCN{number:04}.jpg" for number in range(691, 715)]
    assert frames(named(*names)) == {name: frame for frame, name in enumerate(names)}


def test_a_cameras_counter_that_begins_again_goes_on() -> None:
    names = [f"IMG_{number:04}.JPG" for number in (*range(9990, 10_000), *range(1, 15))]
    assert frames(named(*names)) == {name: frame for frame, name in enumerate(names)}


def test_a_part_number_in_front_is_no_frame() -> None:
    assert list(frames(named("golf7 (1).jpg", "golf7 (2).jpg", "golf7 (3).jpg")).values()) == [0, 1, 2]


@pytest.mark.parametrize("gone", [0, 11, 23])
def test_a_missing_file_leaves_its_place_empty_and_says_which(gone: int) -> None:
    images = named(*(f"car-{number + 1}.jpg" for number in range(24) if number != gone))
    arranged = places.arrange(TURN, images)
    assert rules.missing_frames(TURN, arranged) == [gone]


def test_one_file_more_than_announced_has_no_place_and_says_why() -> None:
    images = named(*(f"car-{number}.jpg" for number in range(1, 26)))
    extra = one(images[24], *images[:24])
    assert extra.position.frame is None
    assert "frames 0 to 23" in (extra.position.conflict or "")


def test_made_up_names_and_clocks_count_nothing() -> None:
    uuids = named("3f2a9c1e-7d44-4c1a-9a37-0b1c2d3e4f50.jpg", "9c1e3f2a-7d44-4c1a-9a37-0b1c2d3e4f51.jpg")
    clocks = named(*(f"IMG_20260115_10{minute:02}07.jpg" for minute in range(24)))
    assert set(frames(uuids).values()) == set(frames(clocks).values()) == {None}


def test_without_usable_names_the_cameras_clock_gives_the_order() -> None:
    images = [any_frame(k, file_name=f"IMG_20260115_1{k:02}007.jpg", exposure=taken(60 * k)) for k in range(24)]
    assert list(frames(images).values()) == list(range(24))
    assert one(images[5], *images[6:]).position.source is PositionSource.CAPTURE_TIME


def test_a_file_without_number_goes_between_those_taken_before_and_after_it() -> None:
    images = [any_frame(k, file_name=f"car-{k + 1}.jpg", exposure=taken(k)) for k in range(24) if k != 9]
    lost = any_frame(9, file_name="photo.jpg", exposure=taken(9))
    assert one(lost, *images).position == Position(frame=9, source=PositionSource.CAPTURE_TIME)


def test_the_request_holds_and_a_name_that_disagrees_is_reported() -> None:
    others = named(*(f"car-{number}.jpg" for number in range(1, 13)))
    odd = any_frame(20, file_name="car-20.jpg", claim=Claim(frame=3))
    found = one(odd, *others)
    assert (found.position.frame, found.position.source) == (3, PositionSource.REQUEST)
    assert found.position.conflict == "The request says frame 3, the file's name frame 19."


def test_what_requests_say_tells_where_names_begin() -> None:
    said = [any_frame(k, file_name=f"IMG_{4300 + k}.jpg", claim=Claim(frame=k)) for k in range(5, 9)]
    late = any_frame(10, file_name="IMG_4310.jpg")
    assert one(late, *said).position.frame == 10
    assert all(image.position.conflict is None for image in places.arrange(TURN, said))


@pytest.mark.parametrize(("angle", "frame", "odd"), [(0, 0, False), (15, 1, False), (345, 23, False), (359, 0, True)])
def test_an_angle_names_the_nearest_frame(angle: float, frame: int, odd: bool) -> None:
    claim = places.claimed(TURN.shot_list, 24, angle_deg=angle, frame=None, shot_name=None)
    assert claim.frame == frame
    assert (one(any_frame(0, claim=claim)).position.conflict is not None) is odd


@pytest.mark.parametrize("place", [{"frame": 24}, {"frame": 1, "angle_deg": 15.0}, {"shot_name": "roof"}])
def test_a_place_that_the_session_has_not_is_refused(place: dict[str, object]) -> None:
    shots = ShotList(stills=("dash",))
    with pytest.raises(BadRequest):
        places.claimed(shots, 24, **{"angle_deg": None, "frame": None, "shot_name": None, **place})  # type: ignore[arg-type]


def test_stills_are_known_by_request_or_by_their_files_names() -> None:
    session = any_session(mode=CaptureMode.STILLS, shot_list=ShotList(stills=("front_3q", "dash")))
    by_name, said = any_frame(1, file_name="Front_3q.JPG"), any_frame(2, claim=Claim(shot_name="dash"))
    arranged = places.arrange(session, [by_name, said])
    assert {image.position.shot_name for image in arranged} == {"front_3q", "dash"}
    assert rules.missing_stills(session, arranged) == []


@pytest.mark.parametrize("zone", [True, False])
def test_a_retake_holds_by_capture_time_whatever_the_order_of_arrival(zone: bool) -> None:
    earlier = any_frame(1, claim=Claim(frame=4), exposure=taken(0, zone), created_at=NOW + timedelta(hours=1))
    later = any_frame(2, claim=Claim(frame=4), exposure=taken(9, zone), created_at=NOW)
    for images in ([earlier, later], [later, earlier]):
        arranged = places.arrange(TURN, images)
        assert [image.id for image in arranged if image.current] == [later.id]
        assert [each.id for each in places.versions(earlier.id, arranged)] == [later.id, earlier.id]


def test_a_file_that_is_no_picture_never_takes_the_place_of_one() -> None:
    good = any_frame(1, claim=Claim(frame=4))
    bad = any_frame(2, claim=Claim(frame=4), status=ImageStatus.FAILED, created_at=NOW + timedelta(hours=1))
    coming = bad.model_copy(update={"status": ImageStatus.PENDING, "id": any_frame(3).id})
    assert one(good, bad, coming).current


def test_the_same_bytes_at_two_places_are_told_on_both() -> None:
    first = any_frame(1, claim=Claim(frame=1), content_sha256="ab" * 32)
    second = any_frame(2, claim=Claim(frame=2), content_sha256="ab" * 32, created_at=NOW + timedelta(seconds=1))
    assert one(first, second).duplicate_of == second.id
    assert one(second, first).duplicate_of == first.id
    assert one(second, first).position.frame == 2


def test_what_a_session_takes_and_when_its_set_is_due() -> None:
    whole = places.arrange(TURN, named(*(f"car-{number}.jpg" for number in range(24))))
    changed = any_session(set_version=24)
    assert rules.is_due(changed, whole)
    assert not rules.is_due(changed, whole[:-1])
    assert rules.is_due(any_session(set_version=23, status=SessionStatus.COMPLETE), whole[:-1])
    assert not rules.is_due(any_session(set_version=24, set_job="job"), whole)
    assert not rules.is_due(any_session(set_version=24, judged_version=24), whole)
    assert not rules.is_due(any_session(set_version=24, status=SessionStatus.FAILED), whole)
    complete = any_session(status=SessionStatus.COMPLETE, closed_at=NOW)
    assert rules.takes_frames(complete, NOW + timedelta(hours=72))
    assert not rules.takes_frames(complete, NOW + timedelta(hours=72, seconds=1))
    assert not rules.takes_frames(any_session(status=SessionStatus.ABANDONED, closed_at=NOW), NOW)
