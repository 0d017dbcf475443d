"""A photo is whole when all of its pixels came, however its container ends."""

import random
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from functions.inference.vision.images import UnreadablePhotoError, decode
from tests.support import pictures
from vitrine.assets.inspection import inspect
from vitrine.pictures import jpeg

PHOTO = pictures.room(320, 272)
COLOUR = Image.fromarray(PHOTO)
JPEG = pictures.file(PHOTO, quality=85)
PROGRESSIVE = pictures.file(PHOTO, quality=85, progressive=True)
HEIC = pictures.file(PHOTO, "HEIF", quality=60)
WEBP = pictures.file(PHOTO, "WEBP")
EXTENDED = pictures.file(PHOTO, "WEBP", exif=pictures.exif({0x0112: 6}).tobytes())
EXIF = pictures.exif({0x010F: "M" * 60}).tobytes()
SAMSUNG = b"\0\0\x0a\x01\x0e\0\0\0Image_UTC_Data1700000000000SEFH\x6a\0\0\0\x01\0\0\0" + b"\0" * 12 + b"\x18\0\0\0SEFT"
FILES = {
    "baseline": JPEG,
    "progressive": PROGRESSIVE,
    "restarts": pictures.file(PHOTO, quality=85, restart_marker_rows=1),
    "grey JPEG": pictures.file(COLOUR.convert("L")),
    "CMYK": pictures.file(COLOUR.convert("CMYK")),
    "two pictures": pictures.file(COLOUR, "MPO", save_all=True, append_images=[COLOUR]),
    "PNG": pictures.file(PHOTO, "PNG"),
    "WebP": WEBP,
    "lossless WebP": pictures.file(PHOTO, "WEBP", lossless=True),
    "WebP with EXIF": pictures.file(PHOTO, "WEBP", exif=EXIF),
    "HEIC": HEIC,
    "HEIC with EXIF": pictures.file(PHOTO, "HEIF", quality=60, exif=EXIF),
}


def code(data: bytes) -> str | None:
    found = inspect(data)
    return found.reason.code if found.reason else None


def engine(data: bytes) -> pictures.Pixels | None:
    try:
        return decode(data).pixels
    except UnreadablePhotoError:
        return None


@pytest.mark.parametrize("name", FILES)
def test_a_photo_that_was_cut_is_taken_with_all_its_pixels_or_refused_as_cut(name: str) -> None:
    data, chance = FILES[name], random.Random(7)
    whole = decode(data).pixels
    for lost in [*range(1, 16), *(chance.randrange(16, len(data) - 300) for _ in range(30))]:
        verdict, pixels = code(data[:-lost]), engine(data[:-lost])
        assert verdict == (None if pixels is not None else "truncated"), lost
        assert pixels is None or np.array_equal(pixels, whole), lost


def scan_starts(data: bytes) -> list[int]:
    return [at for at in range(len(data) - 1) if data[at : at + 2] == b"\xff\xda"]


def test_a_progressive_photo_without_its_last_scans_is_cut() -> None:
    for start in scan_starts(PROGRESSIVE)[1:]:
        assert code(PROGRESSIVE[:start]) == "truncated"


def test_a_photo_of_which_a_colour_never_came_is_cut_though_it_has_an_end() -> None:
    found = jpeg.followed(PROGRESSIVE, jpeg.layout(PROGRESSIVE))
    assert (found.ended, len(found.components), found.has_all_scans()) == (True, 3, True)
    assert not replace(found, scans=(jpeg.Scan((1, 2), 0, 63, 0),)).has_all_scans()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(JPEG[:-2] + SAMSUNG, id="panorama: notes instead of an end"),
        pytest.param(JPEG[:-2] + JPEG, id="panorama: another picture instead of an end"),
        pytest.param(PROGRESSIVE[:-2] + SAMSUNG, id="progressive, notes instead of an end"),
        pytest.param(JPEG + b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(40_000), id="film behind the end"),
        pytest.param(JPEG + SAMSUNG * 500, id="notes behind the end"),
        pytest.param(JPEG[:-2] + bytes(20) + JPEG[-2:], id="a few bytes before the end"),
        pytest.param(HEIC + b"/>\n<abcdefghijkl", id="HEIC: stray text"),
        pytest.param(HEIC + SAMSUNG, id="HEIC: notes"),
        pytest.param(HEIC + b"\0\0\0\x02free", id="HEIC: half a box"),
        pytest.param(WEBP + b"notes", id="WebP: notes"),
        pytest.param(WEBP[:4] + struct.pack("<I", len(WEBP) + 500) + WEBP[8:], id="WebP: says it is longer"),
        pytest.param(FILES["PNG"][:-12], id="PNG: no end"),
        pytest.param(FILES["PNG"] + SAMSUNG, id="PNG: notes"),
    ],
)
def test_how_the_container_ends_does_not_matter(data: bytes) -> None:
    kinds = {b"\xff\xd8": JPEG, b"\x89P": FILES["PNG"], b"RI": WEBP}
    original = PROGRESSIVE if data.startswith(PROGRESSIVE[:600]) else kinds.get(data[:2], HEIC)
    assert code(data) is None
    assert np.array_equal(decode(data).pixels, decode(original).pixels)


@pytest.mark.parametrize("version", [b"\0\0", b"\2\1", b"\0\1"])
def test_an_odd_version_of_jfif_hides_neither_a_photo_nor_its_loss(version: bytes) -> None:
    odd = JPEG[:11] + version + JPEG[13:]
    assert code(odd) is None
    assert np.array_equal(decode(odd).pixels, decode(JPEG).pixels)
    assert code(odd[: len(odd) // 2]) == "truncated"
    assert code(odd[: len(odd) // 2] + b"\xff\xd9") == "unreadable"


def test_an_odd_scan_header_does_not_hide_that_pixels_are_missing() -> None:
    odd = pictures.jpeg_with_odd_scan()
    assert code(odd[: len(odd) // 2]) == "truncated"
    assert code(odd[: len(odd) // 2] + b"\xff\xd9") == "unreadable"


def with_chunks(count: int) -> bytes:
    """A WebP with as many chunks that say nothing."""
    body = EXTENDED[8:30] + b"none\0\0\0\0" * count + EXTENDED[30:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (JPEG[:2] + b"\xff\xfe\0\2" * 4_000 + JPEG[2:], None),
        (JPEG[:2] + b"\xff\xfe\0\2" * 6_000 + JPEG[2:], "unreadable"),
        (JPEG[:2] + b"\xff" * 10**6 + JPEG[2:], None),
        (with_chunks(9_000), None),
        (with_chunks(11_000), "unreadable"),
    ],
)
def test_a_file_of_countless_parts_does_not_keep_its_reader_busy(data: bytes, verdict: str | None) -> None:
    assert code(data) == verdict


def test_a_lost_end_that_was_filled_up_with_zeros_is_seen() -> None:
    for fill in (bytes(len(JPEG) // 3), b"\xff" * (len(JPEG) // 3)):
        assert code(JPEG[: -len(fill)] + fill) in {"truncated", "unreadable"}
        assert engine(JPEG[: -len(fill)] + fill) is None
