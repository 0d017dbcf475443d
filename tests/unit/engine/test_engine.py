"""The engine end to end. Renders are previews; the pictures are our own synthetic rooms."""

import io
import os
import signal
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from functions.inference.engines.base import DeadlinePassed, EngineFailed, StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from functions.inference.engines.render.read.reading import read_room
from functions.inference.engines.render.render import toolchain
from functions.inference.engines.render.render.nearness import distance_to, surface_points
from functions.inference.qc.judge import judge
from functions.inference.vision.images import decode
from tests.support.patience import PATIENCE_S
from tests.support.rooms import Truth, truths
from tests.unit.engine.test_images import encoded, png_header
from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Refusal

pytestmark = pytest.mark.engine
SHARED = Path(__file__).parents[4] / "shared" / "photos"


def preview(
    room_type: RoomType | None = RoomType.LIVING_ROOM, seed: int = 1, deadline_s: float = 120.0
) -> StageOptions:
    return StageOptions(room_type, Style.SCANDINAVIAN, seed, Quality.PREVIEW, deadline_s=deadline_s)


def staged(engine: RenderEngine, photo: bytes, options: StageOptions) -> StagedPhoto:
    answer = engine.stage(photo, options, lambda _step, _share: None)
    assert isinstance(answer, StagedPhoto), answer
    return answer


def pixels_of(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def first_room() -> bytes:
    return truths()[0].picture.read_bytes()


# Of these two rooms the photo shows little more than the floor before a door.
CRAMPED = {"room-01", "room-04"}


def test_every_room_is_staged_and_nothing_outside_the_mask_differs(engine: RenderEngine, truth: Truth) -> None:
    photo = truth.picture.read_bytes()
    answer = engine.stage(photo, preview(), lambda _step, _share: None)
    if isinstance(answer, Refusal):
        assert truth.name in CRAMPED
        assert answer.code == "no_space"
        return
    assert isinstance(answer, StagedPhoto), answer
    before, after, mask = decode(photo).pixels, pixels_of(answer.picture_png), pixels_of(answer.mask_png)
    assert after.shape == before.shape == (answer.height, answer.width, 3)
    assert mask.shape == before.shape[:2]
    assert np.array_equal(after[mask == 0], before[mask == 0])
    assert 0.03 < (mask > 0).mean() < 0.75
    assert answer.scores.integrity > 0.9
    assert answer.layout.pieces
    assert judge(photo, answer.picture_png, answer.mask_png).integrity > 0.9


def test_the_mask_stays_within_a_metre_of_the_furniture(engine: RenderEngine) -> None:
    photo = first_room()
    answer = staged(engine, photo, preview())
    mask = pixels_of(answer.mask_png) > 0
    reading = read_room(decode(photo))
    assert not isinstance(reading, Refusal)
    y, x = np.nonzero(mask)
    step = max(1, len(x) // 4000)
    points = surface_points(reading.room, np.c_[x[::step], y[::step]].astype(float))
    # Pixels of furniture themselves are seen against a wall further back, so only the floor is measured.
    floor = points[points[:, 2] < 0.01]
    nearest = np.full(len(floor), np.inf)
    for piece in answer.layout.pieces:
        corners = np.array([[p.x, p.y] for p in piece.footprint])
        low, high = corners.min(0), corners.max(0)
        nearest = np.minimum(
            nearest, np.linalg.norm(np.maximum(np.maximum(low - floor[:, :2], floor[:, :2] - high), 0), axis=1)
        )
    assert (nearest < 1.02).mean() > 0.995


def test_distance_to_a_piece_is_zero_inside_and_grows_outside() -> None:
    from functions.inference.engines.render.furnish.meshes.builder import Mesh
    from functions.inference.engines.render.furnish.placed import Placed
    from functions.inference.engines.render.furnish.polygons import rectangle

    mesh = Mesh().box("wood", (1.0, 2.0, 0.4), (1.0, 0.5, 0.8))
    piece = Placed("box", mesh, np.array([1.0, 2.0]), rectangle(np.array([1.0, 2.0]), 1.0, 0.5, 0.0), 0.8, 0.0)
    points = np.array([[1.0, 2.0, 0.4], [2.0, 2.0, 0.4], [1.0, 2.0, 1.8]])
    np.testing.assert_allclose(distance_to(piece, points), [0.0, 0.5, 1.0], atol=1e-6)


def test_two_processes_make_equal_bytes_and_another_seed_another_picture(engine: RenderEngine) -> None:
    photo = first_room()
    one = staged(engine, photo, preview(seed=3))
    engine.close()
    two, other = staged(engine, photo, preview(seed=3)), staged(engine, photo, preview(seed=4))
    assert one.picture_png == two.picture_png
    assert one.mask_png == two.mask_png
    assert one.layout == two.layout
    assert other.picture_png != one.picture_png


def test_a_photo_that_comes_while_the_engine_warms_up_gets_the_same_picture(engine: RenderEngine) -> None:
    expected = staged(engine, first_room(), preview(seed=3))
    engine.close()
    engine.warm_up()
    time.sleep(3.0)
    assert staged(engine, first_room(), preview(seed=3)).picture_png == expected.picture_png


def test_progress_goes_from_nothing_to_everything(engine: RenderEngine) -> None:
    seen: list[float] = []
    engine.stage(first_room(), preview(), lambda _step, share: seen.append(share))
    shares = seen[seen.index(0.0) :]
    assert shares[-1] == 1.0
    assert len(set(shares)) > 4


def test_a_portrait_crop_is_staged_or_refused_in_its_own_size(engine: RenderEngine) -> None:
    pixels = decode(first_room()).pixels
    width = pixels.shape[1]
    portrait = encoded(Image.fromarray(pixels[:, width // 4 : width * 3 // 4]), "JPEG")
    answer = engine.stage(portrait, preview(), lambda _s, _p: None)
    if isinstance(answer, StagedPhoto):
        assert answer.height > answer.width


def test_a_photo_without_a_room_type_says_that_it_guessed(engine: RenderEngine) -> None:
    answer = staged(engine, first_room(), preview(room_type=None))
    assert "room_type_guessed" in [warning.code for warning in answer.warnings]


def test_a_large_photo_is_edited_at_its_full_size(engine: RenderEngine) -> None:
    large = Image.fromarray(decode(first_room()).pixels).resize((3200, 2400), Image.Resampling.BICUBIC)
    photo = encoded(large, "JPEG", quality=88)
    answer = staged(engine, photo, preview())
    before, after, mask = decode(photo).pixels, pixels_of(answer.picture_png), pixels_of(answer.mask_png)
    assert after.shape == (2400, 3200, 3)
    assert np.array_equal(after[mask == 0], before[mask == 0])


def test_a_picture_that_claims_to_be_too_large_is_refused_before_it_is_decoded(engine: RenderEngine) -> None:
    answer = engine.stage(png_header(30_000, 30_000), preview(), lambda _step, _share: None)
    assert isinstance(answer, Refusal)
    assert "megapixels" in answer.message


def test_a_child_that_dies_is_an_engine_failure_and_the_next_job_works(engine: RenderEngine) -> None:
    engine.warm_up()

    def kill_the_child(step: str, _share: float) -> None:
        if step == "arrange furniture" and engine.child_pid is not None:
            os.kill(engine.child_pid, signal.SIGKILL)

    with pytest.raises(EngineFailed):
        engine.stage(first_room(), preview(), kill_the_child)
    assert staged(engine, first_room(), preview()).width > 0


def test_a_passed_deadline_stops_the_child_at_once(engine: RenderEngine) -> None:
    engine.warm_up()
    start = time.monotonic()
    with pytest.raises(DeadlinePassed):
        engine.stage(first_room(), preview(deadline_s=0.2), lambda _step, _share: None)
    assert time.monotonic() - start < PATIENCE_S
    assert engine.child_pid is None


def test_a_deadline_of_more_than_a_month_ahead_is_waited_for(engine: RenderEngine) -> None:
    assert staged(engine, first_room(), preview(deadline_s=400 * 86_400)).picture_png


def test_a_child_that_hangs_is_stopped_at_the_deadline_and_the_next_job_works(engine: RenderEngine) -> None:
    engine.warm_up()

    def freeze_the_child(_step: str, _share: float) -> None:
        if engine.child_pid is not None:
            os.kill(engine.child_pid, signal.SIGSTOP)

    start = time.monotonic()
    with pytest.raises(DeadlinePassed):
        engine.stage(first_room(), preview(deadline_s=3.0), freeze_the_child)
    assert time.monotonic() - start < PATIENCE_S
    assert engine.child_pid is None
    assert staged(engine, first_room(), preview()).width > 0


def test_a_photo_that_needs_more_memory_than_the_child_may_have_fails_alone() -> None:
    large = encoded(Image.open(truths()[0].picture).convert("RGB").resize((11_000, 8_250)), "JPEG", quality=70)
    small_engine = RenderEngine(memory_limit=900 << 20)
    try:
        with pytest.raises(EngineFailed):
            small_engine.stage(large, preview(), lambda _step, _share: None)
        assert staged(small_engine, first_room(), preview()).width > 0
    finally:
        small_engine.close()


def test_the_picture_without_llvm_is_the_same_but_for_noise(
    engine: RenderEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = encoded(Image.open(truths()[0].picture).convert("RGB").resize((400, 300), Image.Resampling.LANCZOS))
    fast = staged(engine, small, preview())
    monkeypatch.setattr(toolchain, "ensure_llvm", lambda _progress: None)
    scalar_engine = RenderEngine()
    try:
        slow = staged(scalar_engine, small, preview())
    finally:
        scalar_engine.close()
    assert "slow_renderer" in [warning.code for warning in slow.warnings]
    assert slow.layout == fast.layout
    one, other = (cv2.GaussianBlur(pixels_of(p.picture_png).astype(np.float32), (0, 0), 3) for p in (fast, slow))
    covered, also = (pixels_of(p.mask_png) > 0 for p in (fast, slow))
    assert (covered & also).sum() / (covered | also).sum() > 0.85
    assert np.abs(one - other).mean() < 2.0
    assert np.percentile(np.abs(one - other)[covered & also], 95) < 20


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared photos are not on this machine")
@pytest.mark.parametrize("name", ["not-a-room-church.jpg", "not-a-room-garden.jpg"])
def test_an_outdoor_photo_is_refused_as_no_interior(engine: RenderEngine, name: str) -> None:
    answer = engine.stage((SHARED / name).read_bytes(), preview(), lambda _step, _share: None)
    assert isinstance(answer, Refusal)
    assert answer.code == "not_an_interior"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared photos are not on this machine")
def test_a_real_empty_living_room_is_staged_without_a_byte_changed_outside_the_mask(engine: RenderEngine) -> None:
    photo = (SHARED / "living-room-empty.jpg").read_bytes()
    answer = staged(engine, photo, preview())
    before, after, mask = decode(photo).pixels, pixels_of(answer.picture_png), pixels_of(answer.mask_png)
    assert np.array_equal(after[mask == 0], before[mask == 0])
    assert "sofa" in [piece.name for piece in answer.layout.pieces]
    assert answer.scores.integrity > 0.95


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared photos are not on this machine")
def test_a_furnished_room_comes_with_a_warning(engine: RenderEngine) -> None:
    photo = (SHARED / "living-room-furnished.png").read_bytes()
    answer = staged(engine, photo, preview())
    assert "already_furnished" in [warning.code for warning in answer.warnings]
