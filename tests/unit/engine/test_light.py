import numpy as np
import pytest

from functions.inference.engines.render.read.light import read
from functions.inference.engines.render.read.reading import Reading
from tests.support.rooms import Truth


def test_a_guessed_light_is_never_in_view(truth: Truth, reading: Reading) -> None:
    """Where it was, its outline stayed behind as a bright rectangle on the wall."""
    flat = np.full((*reading.small.shape[:2], 3), 0.4, np.float32)
    light = read(flat, reading.room)
    assert light.guessed
    u, v = np.meshgrid(np.linspace(0, 1, 12), np.linspace(0, 1, 12))
    for window in light.windows:
        a, b, _, d = window.corners
        points = a + u.reshape(-1, 1) * (b - a) + v.reshape(-1, 1) * (d - a)
        assert not reading.room.visible(points).any()


def test_a_window_in_view_becomes_a_light_on_its_wall() -> None:
    from tests.support.rooms import truths
    from tests.unit.engine.conftest import reading_of

    bright = next(t for t in truths() if t.name == "room-00")
    light = reading_of(bright).light
    assert not light.guessed
    room = reading_of(bright).room
    assert any(window.corners[:, 1].max() == pytest.approx(room.back, abs=0.05) for window in light.windows)


def test_the_illuminant_is_tinted_like_the_walls_only_in_part(reading: Reading) -> None:
    light = reading.light
    wall = light.wall / light.wall.mean()
    assert np.abs(light.tint - 1).max() <= np.abs(wall - 1).max() + 1e-3
