"""Inspection, thumbnails and engine see one photo: the same way up, in the same colours."""

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from functions.inference.vision.images import decode
from tests.support import pictures, profiles
from tests.support.pictures import Pixels
from vitrine.assets.inspection import inspect
from vitrine.assets.models import ThumbnailSize
from vitrine.pictures import colour, decoding

COLOURS = [(200, 60, 40), (30, 160, 90), (20, 40, 220), (255, 255, 255), (0, 0, 0), (120, 119, 118)]
_P3_TO_SRGB = np.array([[1.22494, -0.22494, 0], [-0.04206, 1.04206, 0], [-0.01964, -0.07864, 1.09828]])


def plain(colours: tuple[int, ...], mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (320, 256), colours if len(colours) > 1 else colours[0])


def seen(data: bytes, at: tuple[int, int] = (128, 160)) -> Pixels:
    """The colour that the engine sees, which the thumbnail has to show as well."""
    engine = decode(data).pixels
    small = pictures.read(inspect(data).thumbnails[ThumbnailSize.SMALL])
    scale = small.shape[1] / engine.shape[1]
    shown = small[int(at[0] * scale), int(at[1] * scale)].astype(int)
    assert np.abs(shown - engine[at]).max() <= 6, (shown, engine[at])
    return np.asarray(engine[at])


def encoded(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB, 0 to 255 (IEC 61966-2-1)."""
    value = np.clip(linear, 0, 1)
    return np.asarray(255 * np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055))


BEST: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 98},
    "PNG": {},
    "WEBP": {"lossless": True},
    "HEIF": {"quality": 100, "chroma": 444},
}


@pytest.mark.parametrize("kind", BEST)
@pytest.mark.parametrize("rgb", COLOURS)
def test_a_wide_gamut_becomes_srgb(kind: str, rgb: tuple[int, int, int]) -> None:
    found = seen(pictures.file(plain(rgb), kind, icc_profile=profiles.display_p3(), **BEST[kind]))
    wanted = encoded(_P3_TO_SRGB @ (np.array(rgb) / 255) ** 2.2)
    assert np.abs(found - wanted).max() <= 6


@pytest.mark.parametrize(
    ("inks", "rgb"),
    [((25, 38, 64, 13), (212, 201, 187)), ((0, 128, 200, 20), (222, 139, 75)), ((255, 0, 0, 0), (0, 150, 218))],
)
def test_inks_are_what_their_press_prints(inks: tuple[int, ...], rgb: tuple[int, ...]) -> None:
    found = seen(pictures.file(plain(inks, "CMYK"), quality=95, icc_profile=profiles.press()))
    assert np.abs(found.astype(int) - rgb).max() <= 3


def test_inks_without_a_press_are_multiplied_as_browsers_do() -> None:
    found = seen(pictures.file(plain((0, 128, 200, 51), "CMYK"), quality=95))
    assert np.abs(found.astype(int) - (204, 102, 44)).max() <= 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_grey_is_as_light_as_its_profile_says(kind: str) -> None:
    found = seen(pictures.file(plain((100,), "L"), kind, icc_profile=profiles.grey(1.0)))
    assert np.abs(found - encoded(np.full(3, 100 / 255))).max() <= 3


@pytest.mark.parametrize(
    ("mode", "profile"), [("RGB", profiles.press()), ("L", profiles.display_p3()), ("CMYK", profiles.grey(1.0))]
)
def test_a_profile_of_other_colours_than_the_files_counts_as_none(mode: str, profile: bytes) -> None:
    picture = plain({"RGB": (200, 60, 40), "L": (100,), "CMYK": (0, 128, 200, 51)}[mode], mode)
    with_it, without = (decode(pictures.file(picture, icc_profile=icc)).pixels for icc in (profile, None))
    assert np.array_equal(with_it, without)


@pytest.mark.parametrize("icc", [colour.srgb_profile(), profiles.grey(2.2)[:200], b"none"])
def test_a_profile_that_is_srgb_or_unreadable_changes_no_pixel(icc: bytes) -> None:
    photo = pictures.room(640, 480)
    for kind in ("PNG", "JPEG"):
        with_it, without = pictures.file(photo, kind, icc_profile=icc), pictures.file(photo, kind)
        assert np.array_equal(decode(with_it).pixels, decode(without).pixels)
        assert inspect(with_it).thumbnails == inspect(without).thumbnails


@pytest.mark.parametrize("side", [300, None])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_what_is_transparent_shows_white_whatever_hides_behind(kind: str, side: int | None) -> None:
    rgba = np.full((300, 400, 4), 200, np.uint8)
    rgba[..., 3] = 255
    rgba[:100] = 0
    rgba[100:200, :, 3] = 128
    data = pictures.file(Image.fromarray(rgba), kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}))
    pixels = decoding.open_still(data, decoding.Limits(10**6, 1000, 1)).decode(side)
    rows = [int(pixels.shape[0] * share) for share in (0.15, 0.5, 0.85)]
    assert np.abs(pixels[rows, 150].astype(int) - [[255] * 3, [227] * 3, [200] * 3]).max() <= 3
    assert list(seen(data, (30, 190))) == [255, 255, 255]


@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_a_colour_that_a_png_declares_transparent_shows_white(mode: str) -> None:
    picture = Image.fromarray(pictures.room(320, 256)).convert(mode)
    picture.paste((0, 0, 0) if mode == "RGB" else 0, (0, 0, 320, 100))
    key = (0, 0, 0) if mode == "RGB" else 0
    assert list(seen(pictures.file(picture, "PNG", transparency=key), (50, 160))) == [255, 255, 255]


def test_sixteen_bits_are_seen_as_their_upper_eight() -> None:
    deep = pictures.room(320, 256).astype(np.uint16) << 8 | 0x7F
    data = cv2.imencode(".png", deep[..., ::-1])[1].tobytes()
    assert np.array_equal(decode(data).pixels, pictures.room(320, 256))
    grey = cv2.imencode(".png", deep[..., 0])[1].tobytes()
    assert np.array_equal(decode(grey).pixels[..., 1], pictures.room(320, 256)[..., 0])


XMP = (
    b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf="
    b"'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description xmlns:tiff='http://ns.adobe.com/tiff/1.0/' "
    b'tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


def in_xmp() -> bytes:
    plain_jpeg = pictures.file(pictures.room(400, 300))
    return plain_jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(XMP) + 2) + XMP + plain_jpeg[2:]


def in_a_raw_profile() -> bytes:
    """As ImageMagick writes EXIF into a PNG: in hexadecimal, compressed."""
    exif = pictures.exif({0x0112: 6}).tobytes()
    text = f"\nexif\n{len(exif):8}\n{exif.hex()}\n".encode()
    written = pictures.file(pictures.room(400, 300), "PNG")
    body = b"zTXt" + b"Raw profile type exif\0\0" + zlib.compress(text)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return written[:33] + chunk + written[33:]


@pytest.mark.parametrize("data", [in_xmp(), in_a_raw_profile()], ids=["XMP", "raw profile"])
def test_an_orientation_that_browsers_do_not_heed_turns_nothing(data: bytes) -> None:
    report = inspect(data).report
    assert report is not None
    assert (report.width, report.height, report.orientation) == (400, 300, 1)
    assert decode(data).pixels.shape == (300, 400, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("orientation", [3, 5, 6, 8])
def test_engine_and_thumbnails_turn_a_photo_the_same_way(kind: str, orientation: int) -> None:
    written = pictures.exif({0x0112: orientation})
    data = pictures.file(pictures.room(400, 300), kind, exif=written.tobytes())
    engine, thumbnail = decode(data).pixels, pictures.read(inspect(data).thumbnails[ThumbnailSize.LARGE])
    assert engine.shape == thumbnail.shape
    assert np.abs(engine.astype(int) - thumbnail).mean() < 8


def test_all_that_is_published_is_tagged_as_srgb_by_one_profile() -> None:
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(colour.srgb_profile())))
    for thumbnail in inspect(pictures.file(pictures.room())).thumbnails.values():
        assert Image.open(io.BytesIO(thumbnail)).info["icc_profile"] == colour.srgb_profile()


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGBA", {}),
        ("PNG", "LA", {}),
        ("WEBP", "RGBA", {"lossless": True, "exact": True}),
        ("HEIF", "RGBA", {"quality": 100, "chroma": 444}),
    ],
)
def test_alpha_comes_apart_from_the_colours_below_it(kind: str, mode: str, options: dict[str, Any]) -> None:
    picture = Image.new("RGBA", (96, 80), (90, 90, 90, 0))
    picture.paste((200, 200, 200, 128), (0, 0, 48, 80))
    data = pictures.file(picture.convert(mode), kind, **options)
    still = decoding.open_still(data, decoding.Limits(10**6, 10**4, 1))
    pixels, alpha = still.decode_with_alpha()
    assert alpha is not None and pixels.shape == (80, 96, 3)
    assert np.abs(pixels[40, [10, 80]].astype(int) - [[200], [90]]).max() <= 2
    assert np.abs(alpha[40, [10, 80]].astype(int) - [128, 0]).max() <= 1


@pytest.mark.parametrize("kind", BEST)
def test_a_picture_without_alpha_has_none(kind: str) -> None:
    still = decoding.open_still(pictures.file(plain((10, 20, 30)), kind), decoding.Limits(10**6, 10**4, 1))
    pixels, alpha = still.decode_with_alpha()
    assert alpha is None and (pixels == still.decode()).all()
