from functions.inference.engines.render.furnish import styles as engine
from vitrine.contracts.catalogue import LUXURY_STYLES, RoomType
from vitrine.staging import styles
from vitrine.staging.styles import CATALOGUE, StyleEntry


def a_style(style_id: str, **changes: object) -> StyleEntry:
    return CATALOGUE[0].model_copy(update={"id": style_id, **changes})


def test_what_is_offered_is_what_the_engine_has_as_luxury() -> None:
    assert {style.engine_style for style in styles.offered()} == set(LUXURY_STYLES)
    assert set(LUXURY_STYLES) <= engine.STYLES.keys()


def test_ids_and_orders_are_each_ones_own() -> None:
    assert len({style.id for style in CATALOGUE}) == len({style.sort_order for style in CATALOGUE}) == len(CATALOGUE)


def test_a_retired_style_is_listed_no_more_and_leads_to_what_replaced_it() -> None:
    old = a_style("old", active=False, replaced_by="newer")
    newer = a_style("newer", active=False, replaced_by="newest")
    catalogue = [old, newer, a_style("newest")]
    assert [style.id for style in styles.offered(catalogue)] == ["newest"]
    found = styles.find("old", catalogue)
    assert found is not None
    assert found.id == "newest"
    assert styles.find("never", catalogue) is None


def test_every_retired_style_leads_to_one_on_offer() -> None:
    for style in CATALOGUE:
        found = styles.find(style.id)
        assert found is not None
        assert found.active


def test_a_prompt_names_the_room() -> None:
    for style in CATALOGUE:
        assert styles.prompt(style, RoomType.DINING_ROOM).startswith("a dining room furnished ")
        assert styles.prompt(style, None).startswith("a room furnished ")
        assert len(set(styles.prompt(style, None).split(","))) >= 5
