"""What is published of the demo's spin, as the endpoint's own reader sees it: no plate is left, no wheel hidden."""

from pathlib import Path

import pytest

from functions.inference.vehicle.look import look
from vitrine.capture.publishing.rendition import render
from vitrine.identity.organisations.models import Redaction

FRAMES = Path(__file__).parents[3] / "infra" / "local" / "spin" / "frames"
FRONT, REAR, SIDES = (1, 3, 23), (12, 14), (7, 18)


def frame(number: int) -> bytes:
    return (FRAMES / f"frame_{number:03}.jpg").read_bytes()


@pytest.mark.parametrize("number", [*FRONT, *REAR])
def test_a_plate_that_can_be_read_is_read_no_more_once_the_frame_is_published(number: int) -> None:
    original = frame(number)
    plates = look(original).plates
    assert plates
    for how in (Redaction.BLUR, Redaction.BOX):
        assert look(render(original, plates, how).jpeg).plates == ()


@pytest.mark.parametrize("number", SIDES)
def test_nothing_is_hidden_of_a_side_that_shows_no_plate(number: int) -> None:
    assert look(frame(number)).plates == ()
