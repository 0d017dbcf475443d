"""Number plates are made unreadable, and nothing else is touched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import plates
from tests.support.plates import CUT, OBLIQUE, SMALL, STRAIGHT, Corners
from vitrine.capture.redaction import hide, region
from vitrine.contracts.inference import Plate
from vitrine.identity.organisations.models import Redaction

HIDING = (Redaction.BLUR, Redaction.BOX)
TEXTS = ("AB 123 CD", "WM MW 888", "IL 111 IL", "7XKV 520", "B 0Q 4477", "HH TT 17", "ZZZ 9999", "1A1 1A1A")
anywhere = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize("how", HIDING)
@pytest.mark.parametrize("corners", [STRAIGHT, OBLIQUE, SMALL, CUT])
def test_what_stands_in_a_plates_place_does_not_depend_on_its_characters(how: Redaction, corners: Corners) -> None:
    """The strongest form of unreadable: other plates give the same pixels, up to a step of one of three colours."""
    hidden = {
        hide(plates.with_plate(plates.rear(), text, corners), [plates.seen(corners)], how).tobytes() for text in TEXTS
    }
    shown = {plates.with_plate(plates.rear(), text, corners).tobytes() for text in TEXTS}
    assert len(shown) == len(TEXTS)
    assert len(hidden) <= (1 if how is Redaction.BOX else 4)


@pytest.mark.parametrize("how", HIDING)
@pytest.mark.parametrize("corners", [STRAIGHT, OBLIQUE, SMALL, CUT])
def test_no_edge_of_a_character_is_left_within_the_plate(how: Redaction, corners: Corners) -> None:
    picture = plates.with_plate(plates.rear(), TEXTS[0], corners)
    hidden = hide(picture, [plates.seen(corners)], how).astype(int)
    within = plates.inside(picture.shape, corners)
    steps = np.abs(np.diff(hidden, axis=1)).max(-1)[:, :-1]
    assert steps[within[:, 1:-1]].max() <= 4
    assert np.abs(np.diff(picture.astype(int), axis=1)).max(-1)[:, :-1][within[:, 1:-1]].max() > 60


@pytest.mark.parametrize("how", HIDING)
def test_a_plate_outlined_too_tightly_is_covered_all_the_same(how: Redaction) -> None:
    """By a tenth of its height on each side: the detector's outline is that of the characters."""
    picture = plates.with_plate(plates.rear(), TEXTS[0], STRAIGHT)
    (left, top), (right, _), (_, bottom), _ = STRAIGHT
    off = (bottom - top) * 0.1
    tight: Corners = (
        (left + off, top + off),
        (right - off, top + off),
        (right - off, bottom - off),
        (left + off, bottom - off),
    )
    hidden = hide(picture, [plates.seen(tight)], how)
    within = plates.inside(picture.shape, STRAIGHT)
    changed = (hidden != picture).any(-1)
    assert changed[within].mean() > 0.99


@pytest.mark.parametrize("how", Redaction)
@given(corners=st.tuples(*[st.tuples(anywhere, anywhere)] * 4))
def test_pixels_outside_of_the_grown_plates_are_untouched(how: Redaction, corners: Corners) -> None:
    picture = plates.rear(96, 72)
    plate = Plate(corners=corners, confidence=1)
    changed = (hide(picture, [plate], how) != picture).any(-1)
    assert not (changed & ~region((72, 96), [plate])).any()


def test_the_picture_that_is_given_stays_as_it_is() -> None:
    picture = plates.with_plate(plates.rear(), TEXTS[0], STRAIGHT)
    before = picture.copy()
    hide(picture, [plates.seen(STRAIGHT)], Redaction.BLUR)
    assert (picture == before).all()


def test_all_plates_are_hidden_and_off_hides_none() -> None:
    picture = plates.with_plate(plates.with_plate(plates.rear(), TEXTS[0], OBLIQUE), TEXTS[1], SMALL)
    both = [plates.seen(OBLIQUE), plates.seen(SMALL)]
    changed = (hide(picture, both, Redaction.BLUR) != picture).any(-1)
    assert all(changed[plates.inside(picture.shape, each)].mean() > 0.9 for each in (OBLIQUE, SMALL))
    assert (hide(picture, both, Redaction.OFF) == picture).all()
