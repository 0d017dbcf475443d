import io
import struct
import zlib
from datetime import UTC, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter, ImageOps
from PIL.TiffImagePlugin import IFDRational

from tests.support import pictures
from tests.support.clock import NOW
from vitrine.assets import exif
from vitrine.assets.inspection import THUMBNAIL_SIZES, Findings, inspect, thumbnails
from vitrine.assets.models import ContentType, Report
from vitrine.pictures.colour import srgb_profile

ROOM = pictures.room()
JPEG = pictures.file(ROOM, quality=92)
PNG = pictures.file(ROOM, "PNG")
WEBP = pictures.file(ROOM, "WEBP")
HEIC = pictures.file(ROOM, "HEIF", quality=60)


def code(data: bytes) -> str | None:
    found = inspect(data)
    assert (found.reason is None) == (found.report is not None) == bool(found.thumbnails)
    return found.reason.code if found.reason else None


def report(data: bytes) -> Report:
    found = inspect(data)
    assert found.report is not None, found.reason
    return found.report


def corners(found: Findings) -> list[str]:
    """The colours at the corners of the smallest thumbnail, clockwise from the top left."""
    pixels = pictures.read(found.thumbnails[THUMBNAIL_SIZES[0]])
    names: dict[tuple[int, ...], str] = {(1, 0, 0): "red", (0, 1, 0): "green", (0, 0, 1): "blue", (1, 1, 1): "white"}
    spots = (pixels[9, 9], pixels[9, -9], pixels[-9, -9], pixels[-9, 9])
    return [names.get(tuple(int(part > 120) for part in spot), "other") for spot in spots]


EXIF_NOW = f"{NOW:%Y:%m:%d %H:%M:%S}"
UPRIGHT = ["red", "green", "white", "blue"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (JPEG, ContentType.JPEG),
        (pictures.file(ROOM, progressive=True), ContentType.JPEG),
        (PNG, ContentType.PNG),
        (WEBP, ContentType.WEBP),
        (pictures.file(ROOM, "WEBP", lossless=True), ContentType.WEBP),
        (HEIC, ContentType.HEIC),
        (pictures.file(Image.fromarray(ROOM).convert("CMYK")), ContentType.JPEG),
        (pictures.file(Image.fromarray(ROOM).convert("P"), "PNG"), ContentType.PNG),
        (pictures.file(Image.fromarray(ROOM).convert("RGBA"), "PNG"), ContentType.PNG),
        (pictures.file(Image.fromarray(ROOM).convert("RGBA"), "WEBP"), ContentType.WEBP),
        (pictures.file(Image.fromarray(ROOM).convert("RGBA"), "HEIF"), ContentType.HEIC),
    ],
)
def test_each_kind_of_picture_is_known_by_its_content_and_shows_its_colours(data: bytes, kind: ContentType) -> None:
    found = inspect(data)
    assert found.report is not None
    assert (found.report.content_type, found.report.width, found.report.height) == (kind, 640, 480)
    assert corners(found) == UPRIGHT


@pytest.mark.parametrize(
    "data",
    [
        pictures.file(Image.fromarray(ROOM).convert("L")),
        pictures.file(Image.fromarray(ROOM).convert("L"), "PNG"),
        pictures.file(Image.fromarray(ROOM).convert("LA"), "PNG"),
        pictures.file(Image.fromarray(ROOM).convert("1"), "PNG"),
    ],
)
def test_grey_pictures_give_grey_thumbnails(data: bytes) -> None:
    found = inspect(data)
    pixels = pictures.read(found.thumbnails[THUMBNAIL_SIZES[0]]).astype(int)
    assert np.ptp(pixels, axis=2).max() <= 4
    assert pixels[:50, :70].mean() < pixels[-50:, -70:].mean()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_a_channel_keep_their_full_range(channels: int) -> None:
    found = report(pictures.deep_png(channels=channels))
    assert found.brightness == pytest.approx(0.5 if channels < 4 else 0.75, abs=0.1)


def test_what_is_transparent_shows_white() -> None:
    picture = Image.fromarray(ROOM)
    picture.putalpha(0)
    for kind in ("PNG", "WEBP"):
        assert report(pictures.file(picture, kind, **({"exact": True} if kind == "WEBP" else {}))).brightness > 0.99


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty_file"),
        (b"Dear Sir or Madam, this is a letter.", "not_an_image"),
        (b"\xff\xd8", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (pictures.file(ROOM, "GIF"), "unsupported_type"),
        (pictures.file(ROOM, "BMP"), "unsupported_type"),
        (pictures.file(ROOM, "TIFF"), "unsupported_type"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "unsupported_type"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "unsupported_type"),
        (b"\0\0\0\x14ftypisom\0\0\0\0mp42" + bytes(100), "unsupported_type"),
        (pictures.file(pictures.room(300, 255)), "too_small"),
        (pictures.file(pictures.room(255, 300), "HEIF"), "too_small"),
        (JPEG[:-3], "truncated"),
        (JPEG[: len(JPEG) // 2], "truncated"),
        (JPEG[:300], "truncated"),
        (JPEG[:20], "truncated"),
        (pictures.file(ROOM, progressive=True)[:9000], "truncated"),
        (pictures.file(Image.fromarray(ROOM).convert("CMYK"))[:20_000], "truncated"),
        (PNG[: len(PNG) // 2], "truncated"),
        (PNG[:20], "truncated"),
        (PNG[:40], "truncated"),
        (WEBP[: len(WEBP) // 2], "truncated"),
        (HEIC[: len(HEIC) // 2], "truncated"),
        (HEIC[: len(HEIC) - 1], "truncated"),
        (JPEG[:1000] + bytes(len(JPEG) - 1002) + JPEG[-2:], "unreadable"),
        (PNG[:100] + bytes(len(PNG) - 112) + PNG[-12:], "unreadable"),
        (WEBP[:23] + bytes(3) + WEBP[26:], "unreadable"),
        (pictures.jpeg_of_scans(200), "unreadable"),
        (b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0", "unreadable"),
    ],
)
def test_a_file_that_is_no_good_is_refused_for_its_reason(data: bytes, expected: str) -> None:
    assert code(data) == expected


def test_a_small_png_that_claims_900_megapixels_is_refused_unopened() -> None:
    bomb = pictures.png(30_000, 30_000, (b"IDAT", zlib.compress(bytes(1_000_000))))
    assert len(bomb) < 2048
    assert code(bomb) == "too_many_pixels"


@pytest.mark.parametrize(
    "data",
    [
        pictures.jpeg_claiming(65_500, 65_500),
        pictures.jpeg_claiming(30_001, 300),
        pictures.webp_claiming(16_383, 16_383),
        pictures.heic_claiming(20_000, 20_000),
        pictures.png(30_001, 300, (b"IDAT", b"")),
    ],
)
def test_dimensions_past_the_limits_are_refused_before_pixels_are_allocated(data: bytes) -> None:
    assert code(data) == "too_many_pixels"


@pytest.mark.parametrize(
    "data", [pictures.heic_claiming(300, 300), pictures.webp_claiming(9_000, 9_000), pictures.png(9_000, 9_000)]
)
def test_dimensions_that_the_pixels_do_not_bear_out_are_refused(data: bytes) -> None:
    assert code(data) in {"unreadable", "truncated"}


def test_a_webp_container_cannot_hide_a_larger_frame() -> None:
    bomb = pictures.webp_claiming(16_383, 16_383)
    small = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")
    hidden = b"RIFF" + struct.pack("<I", len(bomb) - 8 + len(small)) + b"WEBP" + small + bomb[12:]
    assert code(hidden) == "too_many_pixels"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_is_refused_as_one(kind: str) -> None:
    frames = [Image.fromarray(ROOM), Image.fromarray(255 - ROOM)]
    assert code(pictures.file(frames[0], kind, save_all=True, append_images=frames[1:])) == "animated"


@pytest.mark.parametrize(
    "data",
    [JPEG + b"trailing garbage" * 100, JPEG[:-2] + bytes(20) + JPEG[-2:], PNG + b"x", pictures.jpeg_with_odd_scan()],
)
def test_harmless_oddities_do_not_matter(data: bytes) -> None:
    assert code(data) is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_applied(kind: str, orientation: int) -> None:
    # Transposing is its own inverse except for the quarter turns, which undo each other.
    inverse = {6: 8, 8: 6}.get(orientation, orientation)
    stored = ImageOps.exif_transpose(_oriented(Image.fromarray(ROOM), inverse))
    found = inspect(pictures.file(stored, kind, exif=pictures.exif({0x0112: orientation})))
    assert found.report is not None
    assert (found.report.width, found.report.height, found.report.orientation) == (640, 480, orientation)
    assert corners(found) == UPRIGHT


def _oriented(picture: Image.Image, orientation: int) -> Image.Image:
    written = pictures.file(picture, "PNG", exif=pictures.exif({0x0112: orientation}))
    return Image.open(io.BytesIO(written))


def test_a_heic_is_turned_once_and_not_twice() -> None:
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(ROOM, 1)))
    found = inspect(pictures.file(stored, "HEIF", exif=pictures.exif({0x0112: 6}).tobytes()))
    assert found.report is not None
    assert (found.report.width, found.report.height) == (640, 480)
    assert corners(found) == UPRIGHT


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_where_a_photo_was_taken_is_noted_and_never_published(kind: str) -> None:
    located = pictures.exif({0x010F: "Maker"}, gps=True)
    found = inspect(pictures.file(ROOM, kind, exif=located.tobytes()))
    assert found.report is not None
    assert found.report.has_gps
    for thumbnail in found.thumbnails.values():
        published = Image.open(io.BytesIO(thumbnail))
        assert not published.getexif()
        assert set(published.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "icc_profile"}
        assert b"Maker" not in thumbnail


def test_a_photo_without_a_place_has_none() -> None:
    assert not report(pictures.file(ROOM, exif=pictures.exif({0x010F: "Maker"}))).has_gps


def test_the_camera_says_what_it_was_and_how_it_saw() -> None:
    written = pictures.exif(
        {0x010F: "Maker\0", 0x0110: "  Model\x07 7 "},
        {0xA405: 26, 0x9003: EXIF_NOW, 0x9011: "+02:00"},
    )
    found = report(pictures.file(ROOM, exif=written))
    assert (found.camera_make, found.camera_model, found.focal_length_35mm) == ("Maker", "Model 7", 26.0)
    assert found.taken_at is not None
    assert found.taken_at.astimezone(UTC) == NOW - timedelta(hours=2)


def test_without_a_zone_the_time_is_the_cameras_own() -> None:
    found = report(pictures.file(ROOM, exif=pictures.exif(detail={0x9003: EXIF_NOW})))
    assert found.taken_at == NOW.replace(tzinfo=None)


def shot(**detail: Any) -> exif.Shot:
    tags = {int(name.removeprefix("x"), 16): value for name, value in detail.items()}
    return exif.read(pictures.exif(detail=tags).tobytes())


def test_parts_of_a_second_order_a_burst() -> None:
    burst = [shot(x9003=EXIF_NOW, x9011="+00:00", x9291=digits).taken_at for digits in ("05", "5", "750000")]
    assert burst == [NOW + timedelta(milliseconds=each) for each in (50, 500, 750)]


def test_sensitivity_exposure_time_and_aperture_are_read() -> None:
    found = shot(x8827=(100, 200), x829A=IFDRational(1, 250), x829D=IFDRational(9, 5))
    assert (found.iso, found.exposure_s, found.f_number) == (100, 0.004, 1.8)
    assert shot(x8827=0, x829A=IFDRational(1, 0), x829D=-1).exposure_s is None


def test_the_focal_length_follows_from_the_sensor_where_the_camera_gives_no_equivalent() -> None:
    # A 23.5 × 15.6 mm sensor with 6000 × 4000 pixels: 18 mm look like 27.6 mm on film.
    written = pictures.exif(
        detail={
            0x920A: 18.0,
            0xA002: 6000,
            0xA003: 4000,
            0xA20E: 6000 / 23.5 * 10,
            0xA20F: 4000 / 15.6 * 10,
            0xA210: 3,
        }
    )
    assert report(pictures.file(ROOM, exif=written)).focal_length_35mm == pytest.approx(27.6, abs=0.1)


@pytest.mark.parametrize(
    "detail", [{0xA405: 0}, {0xA405: 65535}, {0x920A: 18.0}, {0x9003: "0000:00:00 00:00:00"}, {0x9003: "yesterday"}]
)
def test_nonsense_from_the_camera_counts_as_nothing(detail: dict[int, object]) -> None:
    found = report(pictures.file(ROOM, exif=pictures.exif({0x0112: 9}, detail)))
    assert (found.focal_length_35mm, found.taken_at, found.orientation) == (None, None, 1)


def test_colours_of_a_wider_profile_become_srgb() -> None:
    profile = pictures.swapped_profile()
    for kind in ("JPEG", "PNG", "WEBP"):
        found = inspect(pictures.file(ROOM, kind, icc_profile=profile))
        assert corners(found) == ["blue", "green", "white", "red"]
        assert Image.open(io.BytesIO(found.thumbnails[THUMBNAIL_SIZES[2]])).info["icc_profile"] == srgb_profile()


def test_a_broken_profile_counts_as_none() -> None:
    assert corners(inspect(pictures.file(ROOM, icc_profile=b"not a profile" * 20))) == UPRIGHT


def test_thumbnails_have_their_longest_side_and_are_never_enlarged() -> None:
    sizes = {
        width: [
            max(pictures.read(data).shape)
            for data in inspect(pictures.file(pictures.room(width, 900))).thumbnails.values()
        ]
        for width in (2000, 700)
    }
    assert sizes == {2000: [1200, 600, 150], 700: [900, 600, 150]}


def test_thumbnails_can_be_had_without_a_report() -> None:
    assert thumbnails(PNG) == inspect(PNG).thumbnails


def test_a_blurred_photo_is_less_sharp() -> None:
    picture = Image.fromarray(ROOM)
    blurred = picture.filter(ImageFilter.GaussianBlur(3))
    assert report(pictures.file(blurred)).sharpness < report(pictures.file(picture)).sharpness / 10


def test_sharpness_is_judged_at_one_scale() -> None:
    small = Image.fromarray(pictures.room(1600, 1200)).filter(ImageFilter.GaussianBlur(1.5))
    large = small.resize((4000, 3000), Image.Resampling.BICUBIC)
    ratio = report(pictures.file(large, quality=95)).sharpness / report(pictures.file(small, quality=95)).sharpness
    assert 0.5 < ratio < 2


@pytest.mark.parametrize(
    ("level", "brightness", "shadows", "highlights"), [(0, 0, 1, 0), (255, 1, 0, 1), (128, 0.5, 0, 0)]
)
def test_exposure_is_the_mean_and_what_is_lost_at_both_ends(
    level: int, brightness: float, shadows: float, highlights: float
) -> None:
    found = report(pictures.file(np.full((300, 400, 3), level, np.uint8)))
    assert found.brightness == pytest.approx(brightness, abs=0.01)
    assert (found.clipped_shadows, found.clipped_highlights) == (shadows, highlights)


def test_the_same_bytes_give_the_same_findings() -> None:
    for data in (JPEG, PNG, WEBP, HEIC):
        assert inspect(data) == inspect(data)


_SMALL = {
    kind: pictures.file(
        pictures.room(280, 260), kind, **options, exif=pictures.exif({0x0112: 6}, {0xA405: 26}, gps=True)
    )
    for kind, options in {"JPEG": {}, "PNG": {}, "WEBP": {}, "HEIF": {"quality": 30}}.items()
}


@pytest.mark.parametrize("kind", list(_SMALL))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_damage_makes_the_inspection_crash(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(_SMALL[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        # Headers are where lies hurt most.
        end = data.draw(st.sampled_from((64, 600, len(damaged))))
        damaged[data.draw(st.integers(0, min(end, len(damaged)) - 1))] = data.draw(st.integers(0, 255))
    code(bytes(damaged[: data.draw(st.sampled_from((len(damaged), len(damaged) // 2, 400)))]))


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from((b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBP", b"\0\0\0\x18ftypheic")),
    st.binary(max_size=200),
)
def test_no_bytes_make_the_inspection_crash(start: bytes, rest: bytes) -> None:
    code(start + rest)
