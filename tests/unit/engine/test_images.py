import io
import struct
import zlib
from collections.abc import Mapping

import numpy as np
import pytest
from PIL import Image
from pillow_heif import register_heif_opener

from functions.inference.vision.images import UnreadablePhotoError, decode, encode_png
from vitrine.pictures.colour import srgb_profile


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def colourful(width: int = 400, height: int = 300) -> Image.Image:
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, 255 - x], -1).astype(np.uint8))


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds almost nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def test_a_plain_photo_keeps_its_bytes() -> None:
    image = colourful()
    assert np.array_equal(decode(encoded(image)).pixels, np.asarray(image))


def test_png_encoding_loses_nothing_and_says_that_the_picture_is_srgb() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (300, 320, 3), dtype=np.uint8)
    coded = encode_png(pixels)
    assert np.array_equal(decode(coded).pixels, pixels)
    assert Image.open(io.BytesIO(coded)).info["icc_profile"] == srgb_profile()
    assert "icc_profile" not in Image.open(io.BytesIO(encode_png(pixels[..., 0]))).info


@pytest.mark.parametrize("mode", ["L", "CMYK", "LA", "RGBA", "P", "1", "I;16"])
def test_other_colour_modes_become_rgb(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.asarray(colourful().convert("L")).astype(np.uint16) * 257)
    else:
        image = colourful().convert(mode)
    pixels = decode(encoded(image, "JPEG" if mode == "CMYK" else "PNG")).pixels
    assert pixels.shape == (300, 400, 3)
    assert pixels.dtype == np.uint8
    assert pixels.std() > 20


@pytest.mark.parametrize("kind", ["WEBP", "HEIF"])
def test_other_file_formats_are_read(kind: str) -> None:
    register_heif_opener()
    image = colourful()
    pixels = decode(encoded(image, kind)).pixels
    assert np.abs(pixels.astype(int) - np.asarray(image)).mean() < 6


@pytest.mark.parametrize("kind", ["GIF", "PPM", "TIFF", "BMP"])
def test_formats_that_are_no_photos_are_refused(kind: str) -> None:
    with pytest.raises(UnreadablePhotoError, match="not a picture"):
        decode(encoded(colourful(), kind))


def test_the_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = decode(encoded(colourful(), "JPEG", exif=exif)).pixels
    assert pixels.shape == (400, 300, 3)


def focal_of(size: tuple[int, int], tags: Mapping[int, object], **top: int) -> float | None:
    """What decoding a JPEG with an EXIF block says of its focal length."""
    exif = Image.Exif()
    if "orientation" in top:
        exif[0x0112] = top["orientation"]
    exif.get_ifd(0x8769).update(tags)
    return decode(encoded(colourful(*size), "JPEG", exif=exif)).focal


def horizontal_fov(focal: float | None) -> float:
    assert focal is not None
    return float(2 * np.degrees(np.arctan(0.5 / focal)))


IPHONE = {0x920A: 4.25, 0xA405: 26, 0xA002: 4032, 0xA003: 3024}
"""An iPhone 11's main camera: 69 degrees across its longer side by the diagonal's equivalent."""
CANON = {0x920A: 17.0, 0xA20E: 4438.3561, 0xA20F: 4445.9691, 0xA210: 2, 0xA002: 3888, 0xA003: 2592}
"""An EOS 400D with 17 mm: a sensor 22.25 mm wide, 66.4 degrees across."""


def test_the_focal_length_is_read_from_exif() -> None:
    assert abs(horizontal_fov(focal_of((600, 400), {0xA405: 24})) - 73.7) < 0.5


def test_a_phone_photo_that_was_only_scaled_keeps_its_angle() -> None:
    assert abs(horizontal_fov(focal_of((800, 600), IPHONE)) - 67.4) < 0.5


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turned_photo_keeps_the_angle_of_its_longer_side(orientation: int) -> None:
    turned = focal_of((800, 600), IPHONE, orientation=orientation)
    assert turned == focal_of((800, 600), IPHONE)


def test_a_portrait_photo_turned_by_an_editor_keeps_its_angle() -> None:
    assert focal_of((600, 800), IPHONE) == focal_of((800, 600), IPHONE)


def test_a_photo_cut_along_one_side_is_measured_by_its_full_frame() -> None:
    whole = focal_of((800, 600), {**IPHONE, 0xA002: 800, 0xA003: 600})
    cut = focal_of((800, 450), {**IPHONE, 0xA002: 800, 0xA003: 600})
    assert cut == whole


def test_a_crop_of_unknown_scale_tells_no_focal_length() -> None:
    assert focal_of((700, 300), IPHONE) is None


def test_the_focal_length_follows_from_millimetres_and_the_sensors_resolution() -> None:
    assert abs(horizontal_fov(focal_of((972, 648), CANON)) - 66.4) < 0.5


@pytest.mark.parametrize(
    ("size", "tags"),
    [
        ((720, 479), {0x920A: 16.0, 0xA002: 1200, 0xA003: 799, 0xA20E: 3849.211764705882, 0xA210: 2}),
        ((882, 718), {0x920A: 18.0, 0xA002: 2882, 0xA003: 2345, 0xA20E: 3959.322033898305, 0xA210: 2}),
        ((720, 480), {0x920A: 24.0, 0xA002: 3000, 0xA003: 2000, 0xA20E: 5728.176795580111, 0xA210: 2}),
        ((720, 480), {0x920A: 10.0, 0xA20E: 5798.657718120805, 0xA210: 2}),
    ],
    ids=["EOS 5D Mark II, scaled", "EOS 20D, cropped", "EOS 600D, scaled", "EOS 700D, size dropped"],
)
def test_a_sensors_resolution_that_an_editor_left_behind_is_not_believed(
    size: tuple[int, int], tags: Mapping[int, object]
) -> None:
    """Blocks as found in published listings' photos."""
    assert focal_of(size, tags) is None


@pytest.mark.parametrize(
    ("size", "tags", "degrees"),
    [
        ((720, 480), {0x920A: 17.0, 0xA405: 17, 0xA404: 1.0, 0xA002: 2700, 0xA003: 1800}, 93.3),
        ((905, 599), {0x920A: 12.0, 0xA405: 18, 0xA404: 1.0, 0xA002: 4928, 0xA003: 3264}, 90.0),
        ((326, 245), {0x920A: 4.15, 0xA405: 29, 0xA002: 326, 0xA003: 245}, 61.7),
    ],
    ids=["D810 at 17 mm", "D7000 at 12 mm", "iPhone 6"],
)
def test_the_angle_of_published_photos_is_their_lenses(
    size: tuple[int, int], tags: Mapping[int, object], degrees: float
) -> None:
    assert abs(horizontal_fov(focal_of(size, tags)) - degrees) < 0.6


def test_a_sensors_resolution_in_centimetres_is_understood() -> None:
    metric = {**CANON, 0xA210: 3, 0xA20E: 4438.3561 / 2.54}
    assert focal_of((972, 648), metric) == pytest.approx(focal_of((972, 648), CANON))


def test_a_focal_length_without_a_sensor_tells_nothing() -> None:
    assert focal_of((800, 600), {0x920A: 4.25}) is None


@pytest.mark.parametrize("junk", [{0xA405: "wide"}, {0xA405: (1, 2)}, {0x920A: 4.0, 0xA20E: 0, 0xA210: 9}])
def test_exif_that_makes_no_sense_costs_nothing(junk: Mapping[int, object]) -> None:
    assert focal_of((800, 600), junk) is None


def test_a_broken_exif_block_does_not_cost_the_photo() -> None:
    data = encoded(colourful(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    assert decode(data).focal is None


@pytest.mark.parametrize("equivalent", [0, 3, 400])
def test_an_absurd_focal_length_is_ignored(equivalent: int) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = equivalent
    assert decode(encoded(colourful(), "JPEG", exif=exif)).focal is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello, this is no picture",
        encoded(colourful(), "JPEG")[:3000],
        encoded(colourful())[:900],
        b"\xff\xd8\xff",
    ],
    ids=["empty", "text", "truncated jpeg", "truncated png", "jpeg magic alone"],
)
def test_what_is_no_whole_picture_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadablePhotoError):
        decode(data)


def test_a_decompression_bomb_is_refused_before_its_pixels_are_decoded() -> None:
    with pytest.raises(UnreadablePhotoError, match="megapixels"):
        decode(png_header(30_000, 30_000))


def test_a_tiny_picture_is_refused_by_its_size() -> None:
    with pytest.raises(UnreadablePhotoError, match="at least"):
        decode(encoded(colourful(64, 48)))
