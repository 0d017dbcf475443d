import json
from enum import StrEnum
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vitrine.contracts.catalogue import LUXURY_STYLES, RoomType, Style
from vitrine.staging import names, styles
from vitrine.staging.models import StagingOptions


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("modern", Style.MODERN_LUXURY),
        ("contemporary", Style.MODERN_LUXURY),
        ("traditional", Style.CLASSIC_ELEGANCE),
        ("Scandinavian", Style.SCANDINAVIAN),
        ("Mid-Century Modern", Style.MID_CENTURY),
        ("  art déco ", Style.ART_DECO),
        ("QUIET_LUXURY", Style.QUIET_LUXURY),
        ("farmhouse style", Style.FARMHOUSE),
        ("ｊａｐａｎｄｉ", Style.JAPANDI),
    ],
)
def test_a_style_is_what_people_mean(said: str, meant: Style) -> None:
    assert StagingOptions.model_validate({"style": said}).style is meant


@pytest.mark.parametrize("said", ["living room", "Living-Room", "LIVING_ROOM", "livingroom", "lounge", "Family room"])
def test_a_room_is_what_people_mean(said: str) -> None:
    assert StagingOptions.model_validate({"room_type": said}).room_type is RoomType.LIVING_ROOM


@pytest.mark.parametrize(
    ("field", "value"), [("style", "baroque"), ("room_type", "cellar"), ("style", ""), ("style", "-")]
)
def test_what_means_nothing_is_answered_with_all_there_is(field: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        StagingOptions.model_validate({field: value})
    known = Style if field == "style" else RoomType
    assert all(each in refused.value.errors()[0]["msg"] for each in known)
    assert refused.value.errors()[0]["loc"] == (field,)


@pytest.mark.parametrize(("named", "known"), [(names.ROOMS, RoomType), (names.STYLES, Style)])
def test_everything_is_named_once_and_no_word_means_two_things(
    named: tuple[names.Named[Any], ...], known: type[StrEnum]
) -> None:
    assert [each.id for each in named] == list(known)
    said = [{names.spelling(word) for word in (each.id, each.name, *each.aliases)} for each in named]
    assert len(set(chain(*said))) == sum(map(len, said))


@given(st.sampled_from(Style), st.data())
def test_no_separator_or_case_changes_what_is_meant(style: Style, data: st.DataObject) -> None:
    between = data.draw(st.text(" -_./", max_size=3))
    assert names.style_of(between.join(style.value.title().split("_"))) is style


@given(st.text())
def test_any_text_means_one_thing_or_nothing(text: str) -> None:
    assert names.style_of(text) in {*Style, None}
    assert names.room_of(text) in {*RoomType, None}


def test_stagecraft_takes_the_same_words_for_what_it_offers() -> None:
    for named in names.STYLES:
        for word in (named.id.value, named.name, *named.aliases):
            found = styles.find(word)
            assert (found.engine_style if found else None) == (named.id if named.id in LUXURY_STYLES else None)


def test_the_document_names_the_ids_alone() -> None:
    schema = json.dumps(StagingOptions.model_json_schema())
    assert "contemporary" not in schema
    assert set(Style) <= set(StagingOptions.model_json_schema()["$defs"]["Style"]["enum"])
