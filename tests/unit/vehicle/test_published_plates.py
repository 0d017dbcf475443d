"""What is published of the demo's spin, as the endpoint's own reader sees it: no plate is left, no wheel hidden."""

from pathlib import Path

import pytest

from functions.inference.vehicle.look import look
from functions.inference.vehicle.plates import READ
from vitrine.capture.publishing.rendition import render
from vitrine.contracts.inference import Plate
from vitrine.identity.organisations.models import Redaction

FRAMES = Path(__file__).parents[3] / "infra" / "local" / "spin" / "frames"
FRONT, REAR, SIDES = (1, 3, 23), (12, 14), (7, 18)


def frame(number: int) -> bytes:
    return (FRAMES / f"frame_{number:03}.jpg").read_bytes()


def box(plate: Plate) -> tuple[float, float, float, float]:
    xs, ys = zip(*plate.corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def meet(one: Plate, other: Plate) -> bool:
    """Whether their upright boxes have anything in common."""
    (left, top, right, bottom), (left_2, top_2, right_2, bottom_2) = box(one), box(other)
    return left < right_2 and left_2 < right and top < bottom_2 and top_2 < bottom


@pytest.mark.parametrize("number", [*FRONT, *REAR])
def test_a_plate_that_can_be_read_is_read_no_more_once_the_frame_is_published(number: int) -> None:
    original = frame(number)
    plates = look(original).plates
    assert plates
    for how in (Redaction.BLUR, Redaction.BOX):
        # With no plate left to be sure of, the reader looks closer, and may take a lamp's lenses for letters.
        left = look(render(original, plates, how).jpeg).plates
        assert not [plate for plate in left if plate.confidence >= READ]
        assert not [plate for plate in left for was in plates if meet(was, plate)]


@pytest.mark.parametrize("number", SIDES)
def test_nothing_is_hidden_of_a_side_that_shows_no_plate(number: int) -> None:
    assert look(frame(number)).plates == ()
