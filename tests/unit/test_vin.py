"""VINs as people write them: what is an error, what a warning, and what was meant."""

import pytest

from vitrine.capture import vin
from vitrine.capture.models import VinKind
from vitrine.kernel.errors import BadRequest

DOCUMENTS = "1HGCM82633A123456"
"""The contract's own example, whose check digit is wrong."""


def read(text: str, has_stock: bool = False, strict: bool = False) -> vin.Vin:
    return vin.read(text, has_stock=has_stock, strict=strict)


def refusal(text: str, has_stock: bool = False, strict: bool = False) -> BadRequest:
    with pytest.raises(BadRequest) as refused:
        read(text, has_stock, strict)
    assert refused.value.data["field"] == "vehicle.vin"
    return refused.value


def test_the_documents_own_vin_is_taken_with_a_warning_that_names_the_right_digit() -> None:
    warning = read(DOCUMENTS).warning
    assert warning is not None
    assert (warning.code, warning.expected, warning.field) == ("vin_check_digit", "7", "vehicle.vin")
    assert warning.suggestions[0] == "1HGCM82673A123456"


def test_every_suggestion_is_one_character_away_and_holds() -> None:
    warning = read(DOCUMENTS).warning
    assert warning is not None
    assert len(set(warning.suggestions)) == len(warning.suggestions) > 3
    for meant in warning.suggestions:
        assert sum(one != other for one, other in zip(meant, DOCUMENTS, strict=True)) == 1
        assert read(meant).warning is None
    assert all(meant[13:].isdigit() for meant in warning.suggestions)


def test_a_mistyped_look_alike_is_among_the_first_suggestions() -> None:
    right = "1M8GDM9AXKP042788"
    mistyped = right.replace("8G", "BG")
    warning = read(mistyped).warning
    assert warning is not None
    assert right in warning.suggestions[:6]


def test_a_strict_organisation_refuses_it_with_the_same_details() -> None:
    warning, refused = read(DOCUMENTS).warning, refusal(DOCUMENTS, strict=True)
    assert warning is not None
    assert refused.code == warning.code
    assert refused.data["expected"] == "7"
    assert tuple(refused.data["suggestions"]) == warning.suggestions


@pytest.mark.parametrize("text", ["1HGCM82633A004352", "1M8GDM9AXKP042788", "5GZCZ43D13S812715"])
def test_a_right_check_digit_gives_no_warning(text: str) -> None:
    assert read(text, strict=True) == vin.Vin(text=text, kind=VinKind.STANDARD)


@pytest.mark.parametrize("text", ["WVGZZZ5NZEW069297", "WF0KXXGCBKBJ13223", "YV1MC5851CJ126651"])
def test_europe_puts_what_it_likes_at_position_9(text: str) -> None:
    assert read(text, strict=True).warning is None


def test_china_is_judged_and_new_zealand_is_not() -> None:
    assert read("LSVAA4187E2184848").warning is not None
    assert read("7A3AA4187E2184848").warning is None


@pytest.mark.parametrize("text", [" wvgzzz5nzew069297 ", "WVG ZZZ 5NZ EW069297", "ＷＶＧＺＺＺ５ＮＺＥＷ０６９２９７"])
def test_spelling_says_nothing(text: str) -> None:
    assert read(text).text == "WVGZZZ5NZEW069297"


@pytest.mark.parametrize(("letter", "meant"), [("I", "1"), ("O", "0"), ("Q", "0")])
def test_letters_that_no_vin_has_are_refused_with_what_was_meant(letter: str, meant: str) -> None:
    refused = refusal(f"1HGCM82633A00435{letter}")
    assert refused.code == "vin_letters"
    assert refused.data["suggestions"] == [f"1HGCM82633A00435{meant}"]


@pytest.mark.parametrize("text", ["1HGCM82633A00435", "1HGCM82633A0043522", "", "1HGC", "1HGCM82633A004"])
def test_other_lengths_are_refused_even_with_a_stock_number(text: str) -> None:
    assert refusal(text, has_stock=True).code in {"vin_length", "vin_characters"}


@pytest.mark.parametrize("text", ["12345", "1234567890123", "IO0Q1"])
def test_a_number_from_before_1981_needs_a_stock_number_with_it(text: str) -> None:
    assert read(text, has_stock=True).kind is VinKind.PRE_1981
    assert refusal(text).code == "vin_length"


@pytest.mark.parametrize("text", ["1" * 17, "0" * 17, "1" * 8])
def test_one_character_again_and_again_is_no_vin_though_its_sum_may_be_right(text: str) -> None:
    assert refusal(text, has_stock=True).code == "vin_repeated"


@pytest.mark.parametrize("text", ["1HGCM82633A00435é", "1HGCM82633A-04352", "1HGCM82633A004_52"])
def test_other_characters_are_refused(text: str) -> None:
    assert refusal(text).code == "vin_characters"
