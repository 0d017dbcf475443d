"""A published frame: upright, sRGB, without metadata, plates hidden; untouched pixels stay the camera's."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support import pictures, plates
from tests.support.plates import STRAIGHT
from vitrine.capture.publishing import rendition
from vitrine.capture.publishing.rendition import (
    CONVERTED,
    METADATA_REMOVED,
    PLATE_REDACTED,
    RE_ENCODED,
    TURNED,
    Rendition,
    render,
)
from vitrine.capture.redaction import region
from vitrine.identity.organisations.models import Redaction
from vitrine.pictures.colour import srgb_profile
from vitrine.pictures.faults import BadPicture

SERIAL, OWNER = "SN-4711-0815", "Jane Doe"


def shot(pixels: pictures.Pixels, **options: Any) -> bytes:
    """A JPEG with all that a phone writes: place, serial number, owner, comment, XMP, and a second picture behind."""
    notes = pictures.exif(
        {0x0112: options.pop("orientation", 1), 0x010F: "Maker", 0x013B: OWNER},
        {0xA431: SERIAL, 0x9003: "2026:11:28 10:00:00"},
        gps=True,
    )
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x>" + SERIAL.encode() + b"</x>"
    data = pictures.file(pixels, quality=90, exif=notes, comment=OWNER.encode(), xmp=xmp[29:], **options)
    return data + b"MotionPhoto" + SERIAL.encode()


def opened(made: Rendition) -> Image.Image:
    return Image.open(io.BytesIO(made.jpeg))


def is_public(made: Rendition) -> bool:
    picture = opened(made)
    kept = set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "icc_profile"}
    kept -= {"progression", "progressive"}
    no_notes = not kept and not picture.getexif() and not any(note.encode() in made.jpeg for note in (SERIAL, OWNER))
    right_form = picture.mode == "RGB" and picture.info["icc_profile"] == srgb_profile()
    return no_notes and right_form and picture.info["dpi"] == (300, 300) and made.jpeg.endswith(b"\xff\xd9")


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"subsampling": 2}])
def test_a_frame_that_needs_no_change_keeps_the_cameras_very_pixels_and_no_metadata(options: dict[str, Any]) -> None:
    original = shot(plates.rear(640, 480), **options)
    made = render(original, [], Redaction.BLUR)
    assert made.edits == (METADATA_REMOVED,)
    assert is_public(made)
    assert (np.asarray(opened(made)) == np.asarray(Image.open(io.BytesIO(original)))).all()
    assert abs(len(made.jpeg) - len(original)) < 3_000


def test_a_plate_is_hidden_in_the_published_pixels_and_all_others_stay_within_the_coders_rounding() -> None:
    original = shot(plates.with_plate(plates.rear(), "AB 123 CD", STRAIGHT))
    made = render(original, [plates.seen(STRAIGHT)], Redaction.BLUR)
    assert made.edits == (PLATE_REDACTED, RE_ENCODED, METADATA_REMOVED)
    assert is_public(made)
    before, after = np.asarray(Image.open(io.BytesIO(original))).astype(int), np.asarray(opened(made)).astype(int)
    grown = region(before.shape[:2], [plates.seen(STRAIGHT)])
    # A coder works on blocks of 8 pixels: those that hold a bit of the plate's rim may ring.
    blocks = np.repeat(np.repeat(grown.reshape(150, 4, 200, 4).any((1, 3)), 4, 0), 4, 1)
    outside = np.abs(after - before).max(-1)[~blocks]
    assert outside.max() <= 8
    assert outside.mean() < 0.8
    assert np.abs(after - before)[plates.inside(before.shape, STRAIGHT)].mean() > 20


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_frame_is_published_upright_at_its_upright_size(orientation: int) -> None:
    original = shot(pictures.room(320, 240), orientation=orientation)
    made = render(original, [], Redaction.BLUR)
    upright = Image.open(io.BytesIO(original))
    shown = np.asarray(pictures.read(made.jpeg)).astype(int)
    assert (made.width, made.height) == ((240, 320) if orientation >= 5 else (320, 240)) == opened(made).size
    assert (TURNED in made.edits) is (orientation != 1)
    assert is_public(made)
    from PIL import ImageOps

    assert np.abs(shown - np.asarray(ImageOps.exif_transpose(upright).convert("RGB"))).mean() < 1


def test_plates_are_hidden_where_they_are_on_the_upright_frame() -> None:
    upright = plates.with_plate(plates.rear(), "AB 123 CD", STRAIGHT)
    stored = np.ascontiguousarray(np.rot90(upright))  # orientation 6 turns it back
    made = render(shot(stored, orientation=6), [plates.seen(STRAIGHT)], Redaction.BOX)
    assert made.edits == (PLATE_REDACTED, TURNED, RE_ENCODED, METADATA_REMOVED)
    within = plates.inside(upright.shape, STRAIGHT)
    assert np.abs(np.asarray(opened(made)).astype(int)[within] - 40).max() <= 4


def test_other_colours_are_converted_and_that_is_said() -> None:
    made = render(shot(pictures.room(320, 240), icc_profile=pictures.swapped_profile()), [], Redaction.OFF)
    assert made.edits == (CONVERTED, RE_ENCODED, METADATA_REMOVED)
    assert is_public(made)


@pytest.mark.parametrize("kind", ["HEIF", "PNG"])
def test_every_kind_of_original_is_published_as_a_jpeg(kind: str) -> None:
    made = render(pictures.file(pictures.room(320, 240), kind), [], Redaction.OFF)
    assert RE_ENCODED in made.edits
    assert is_public(made)


def test_grey_and_cmyk_become_three_colours() -> None:
    for mode in ("L", "CMYK"):
        made = render(pictures.file(Image.fromarray(pictures.room(320, 240)).convert(mode)), [], Redaction.OFF)
        assert RE_ENCODED in made.edits
        assert is_public(made)


def test_a_frame_that_is_not_whole_is_never_published() -> None:
    with pytest.raises(BadPicture):
        render(shot(pictures.room(320, 240))[:5_000], [], Redaction.OFF)


def test_the_same_original_gives_the_same_bytes() -> None:
    original = shot(plates.with_plate(plates.rear(), "AB 123 CD", STRAIGHT))
    first, second = (render(original, [plates.seen(STRAIGHT)], Redaction.BLUR) for _ in range(2))
    assert first == second
    assert rendition.QUALITY >= 95


def test_smaller_versions_are_made_of_the_published_frame_so_they_show_no_plate_either() -> None:
    original = shot(plates.with_plate(plates.rear(), "AB 123 CD", STRAIGHT))
    made = render(original, [plates.seen(STRAIGHT)], Redaction.BOX)
    small = rendition.smaller(made.jpeg)
    assert list(small) == [600]
    pixels = pictures.read(small[600]).astype(int)
    assert pixels.shape == (450, 600, 3)
    assert np.abs(pixels[plates.inside(pixels.shape, STRAIGHT)] - 40).mean() < 6
    assert rendition.smaller(small[600]) == {}
