"""Several photos of one home are furnished from one plan."""

import numpy as np
import pytest

from functions.inference.engines.render.description import layout_of
from functions.inference.engines.render.furnish.homeplan import HomePlan
from functions.inference.engines.render.furnish.layout import arrange
from functions.inference.engines.render.furnish.styles import STYLES
from tests.support.rooms import truths
from tests.unit.engine.conftest import reading_of
from vitrine.contracts.catalogue import RoomType, Style
from vitrine.contracts.inference import Layout

ROOM_TYPES = (RoomType.LIVING_ROOM, RoomType.BEDROOM)


def layouts(plan_seed: int, style: Style = Style.SCANDINAVIAN) -> list[Layout]:
    """All rooms, each furnished by its own seed and the one plan."""
    home, found = HomePlan.of(style, plan_seed), []
    for seed, truth in enumerate(truths()):
        reading = reading_of(truth)
        for room_type in ROOM_TYPES:
            arrangement = arrange(reading.room, reading.surveys, room_type, home, seed)
            if arrangement is not None:
                found.append(layout_of(reading, arrangement))
    return found


def variants(found: list[Layout]) -> dict[str, set[str]]:
    by_name: dict[str, set[str]] = {}
    for layout in found:
        for piece in layout.pieces:
            by_name.setdefault(piece.name, set()).add(piece.variant)
    return by_name


def test_photos_of_one_home_have_the_same_designs() -> None:
    by_name = variants(layouts(plan_seed=3))
    assert {"sofa", "bed", "rug"} <= set(by_name)
    assert all(len(designs) == 1 for designs in by_name.values()), by_name


def test_other_plan_seeds_give_other_designs() -> None:
    by_plan = [HomePlan.of(Style.SCANDINAVIAN, seed) for seed in range(12)]
    assert len({plan.variant("armchair") for plan in by_plan}) > 1
    assert len({plan.variant("rug") for plan in by_plan}) > 1
    assert len({plan.style.fabric for plan in by_plan}) > 1


@pytest.mark.parametrize("style", Style)
def test_every_style_leaves_its_plan_a_choice_and_names_what_was_chosen(style: Style) -> None:
    plans = [HomePlan.of(style, seed) for seed in range(40)]
    assert len({plan.style for plan in plans}) >= 6
    assert all(plan.variant("sofa").startswith(f"{style}/") for plan in plans)
    assert all(plan.style.choices == () for plan in plans)


@pytest.mark.parametrize("style", Style)
def test_the_same_plan_seed_gives_the_same_plan(style: Style) -> None:
    assert HomePlan.of(style, 7) == HomePlan.of(style, 7)
    assert STYLES[style].choices


def test_a_piece_has_its_own_chance_whatever_else_stands_in_the_room() -> None:
    home = HomePlan.of(Style.COASTAL, 5)
    assert home.rng("sofa").random() == home.rng("sofa").random()
    assert not np.isclose(home.rng("sofa").random(), home.rng("armchair").random())
