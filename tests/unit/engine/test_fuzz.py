"""Photos of every odd kind: each ends as a staged picture or a refusal with advice, in time, in a child that lives."""

import io
import time
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from functions.inference.engines.base import StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from functions.inference.vision.images import decode
from tests.support.rooms import truths
from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Refusal

pytestmark = pytest.mark.engine

DEADLINE_S = 200.0
ORIENTATION_TAG = 0x0112
Picture = Image.Image
Make = Callable[[], bytes]


@cache
def room(number: int = 2) -> Picture:
    return Image.open(truths()[number].picture).convert("RGB")


def coded(picture: Picture, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def resized(width: int, height: int) -> Picture:
    return room().resize((width, height), Image.Resampling.BICUBIC)


def wide(times: int) -> Picture:
    """A strip of the room's middle, `times` wider than high."""
    width, height = room().size
    rows = width // times
    return room().crop((0, (height - rows) // 2, width, (height - rows) // 2 + rows)).resize((2400, 2400 // times))


def turned(orientation: int) -> bytes:
    """Stored as a camera held sideways stores it: upright once its EXIF tag is obeyed."""
    undo = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}[orientation]
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    return coded(room().transpose(undo), exif=exif)


def sixteen_bits() -> bytes:
    return coded(Image.fromarray(np.asarray(room().convert("L")).astype(np.uint16) * 257), "PNG")


def with_alpha() -> bytes:
    picture = room().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return coded(picture, "PNG")


def flipped_bytes(seed: int) -> bytes:
    data, rng = bytearray(coded(room())), np.random.default_rng(seed)
    for at in rng.integers(700, len(data), 12):
        data[at] ^= int(rng.integers(1, 256))
    return bytes(data)


def noise() -> Picture:
    return Image.fromarray(np.random.default_rng(3).integers(0, 256, (607, 811, 3), dtype=np.uint8))


STAGED: dict[str, Make] = {
    "prime sides": lambda: coded(resized(1021, 769)),
    "one pixel off a multiple of four": lambda: coded(resized(1025, 767)),
    "smallest": lambda: coded(resized(320, 241)),
    "grayscale": lambda: coded(room().convert("L")),
    "grayscale of 16 bits": sixteen_bits,
    "cmyk": lambda: coded(room().convert("CMYK")),
    "alpha": with_alpha,
    "palette": lambda: coded(room().quantize(256), "PNG"),
    "webp": lambda: coded(room(), "WEBP"),
    "held to the left": lambda: turned(6),
    "held to the right": lambda: turned(8),
}
EITHER: dict[str, Make] = {
    "portrait": lambda: coded(room().crop((200, 0, 550, 600)).resize((701, 1201))),
    "panorama 4:1": lambda: coded(wide(4)),
    "panorama 10:1": lambda: coded(wide(10)),
    "upside down": lambda: coded(room().transpose(Image.Transpose.ROTATE_180)),
    "two colours": lambda: coded(room().convert("1"), "PNG"),
    "very compressed": lambda: coded(room(), quality=4),
    "flipped bytes 1": lambda: flipped_bytes(1),
}
REFUSED: dict[str, Make] = {
    "tiny": lambda: coded(resized(160, 120)),
    "a line": lambda: coded(resized(4000, 1)),
    "blank": lambda: coded(Image.new("RGB", (800, 600), (240, 240, 240))),
    "gradient": lambda: coded(Image.linear_gradient("L").resize((800, 600))),
    "noise": lambda: coded(noise(), "PNG"),
    "nearly black": lambda: coded(room().point(lambda value: value // 24)),
    "no bytes": bytes,
    "a text": lambda: b"Guten Tag, anbei das Foto." * 40,
    "cut off in its header": lambda: coded(room())[:300],
    "cut off in the middle": lambda: coded(room())[: len(coded(room())) // 2],
    "cut off near the end, as PNG": lambda: coded(room(), "PNG")[:-2000],
}


def stage(engine: RenderEngine, photo: bytes) -> StagedPhoto | Refusal:
    options = StageOptions(RoomType.BEDROOM, Style.FARMHOUSE, 5, Quality.PREVIEW, deadline_s=DEADLINE_S)
    engine.warm_up()
    child, start = engine.child_pid, time.monotonic()
    answer = engine.stage(photo, options, lambda _step, _share: None)
    assert time.monotonic() - start < DEADLINE_S
    assert engine.child_pid == child
    return answer


def pixels_of(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)))


def check_staged(photo: bytes, staged: StagedPhoto) -> None:
    before, after, mask = decode(photo).pixels, pixels_of(staged.picture_png), pixels_of(staged.mask_png)
    assert after.shape == before.shape == (staged.height, staged.width, 3)
    assert mask.shape == before.shape[:2]
    assert set(np.unique(mask)) <= {0, 255}
    assert np.array_equal(after[mask == 0], before[mask == 0])
    assert 0 < (mask > 0).mean() < 0.9
    assert staged.layout.pieces


def check_refused(refusal: Refusal) -> None:
    assert len(refusal.message) > 30
    assert "Error" not in refusal.message and "Traceback" not in refusal.message


@pytest.mark.parametrize("name", STAGED)
def test_a_room_in_any_format_and_size_is_staged(engine: RenderEngine, name: str) -> None:
    photo = STAGED[name]()
    answer = stage(engine, photo)
    assert isinstance(answer, StagedPhoto), answer
    check_staged(photo, answer)


@pytest.mark.parametrize("name", EITHER)
def test_an_odd_view_is_staged_or_refused_with_advice(engine: RenderEngine, name: str) -> None:
    photo = EITHER[name]()
    answer = stage(engine, photo)
    if isinstance(answer, Refusal):
        check_refused(answer)
    else:
        check_staged(photo, answer)


@pytest.mark.parametrize("name", REFUSED)
def test_what_shows_no_room_is_refused_with_advice(engine: RenderEngine, name: str) -> None:
    answer = stage(engine, REFUSED[name]())
    assert isinstance(answer, Refusal)
    check_refused(answer)


def test_a_photo_of_nearly_a_hundred_megapixels_is_staged_in_its_own_size(engine: RenderEngine) -> None:
    photo = coded(resized(11_500, 8_650), quality=80)
    answer = stage(engine, photo)
    assert isinstance(answer, StagedPhoto), answer
    assert (answer.width, answer.height) == (11_500, 8_650)
    assert answer.scores.parts["outside_mask_changed"] == 0
    assert answer.scores.integrity > 0.9
