"""What is whose, and what an export shows of it."""

from decimal import Decimal

import pytest

from vitrine.trust import rules


@pytest.mark.parametrize(
    "item",
    [
        {"pk": "ten_a", "sk": "ACCOUNT"},
        {"pk": "ten_a#img_1", "sk": "JOB"},
        {"pk": "IDEMPOTENCY#stagecraft#ten_a#abc", "sk": "CLAIM"},
        {"pk": "TURNS#TAGS", "sk": "ten_a"},
        {"pk": "EMAIL#anna@agency.example", "sk": "EMAIL", "tenant": "ten_a"},
        {"pk": "STRIPE_EVENT#evt_1", "sk": "EVENT", "body": '{"tenant": "ten_a"}'},
    ],
)
def test_an_item_is_of_whom_its_key_its_tenant_or_its_body_names(item: dict[str, str]) -> None:
    assert rules.is_of(item, {"ten_a"})
    assert not rules.is_of(item, {"ten_b"})


@pytest.mark.parametrize("longer", ["ten_ab", "xten_a", "ten_a1"])
def test_a_longer_name_is_another_one(longer: str) -> None:
    items = [{"pk": f"{longer}#img_1", "sk": "JOB"}, {"pk": "x", "sk": "y", "body": f'{{"tenant": "{longer}"}}'}]
    assert not [item for item in items if rules.is_of(item, {"ten_a"})]


def test_a_tenant_is_known_at_stripe_by_its_customers() -> None:
    found: dict[str, list[rules.Item]] = {
        "billing": [{"pk": "CUSTOMER#cus_1", "sk": "CUSTOMER", "tenant": "ten_a"}, {"pk": "ten_a", "sk": "ACCOUNT"}]
    }
    assert rules.aliases(found) == {"cus_1"}
    assert rules.aliases({}) == set()


def test_bodies_are_told_as_json_and_numbers_as_numbers() -> None:
    item = {
        "pk": "ten_a",
        "sk": "ACCOUNT",
        "kind": "ACCOUNT",
        "held": Decimal(3),
        "share": Decimal("0.5"),
        "parked": {"b", "a"},
        "raw": b"\x00",
        "body": '{"name": "Anna", "keys": [{"digest": "d", "name": "CRM"}]}',
        "note": "{not JSON",
    }
    assert rules.exported(item) == {
        **item,
        "held": 3,
        "share": 0.5,
        "parked": ["a", "b"],
        "raw": "AA==",
        "body": {"name": "Anna", "keys": [{"name": "CRM"}]},
    }


@pytest.mark.parametrize(
    "item",
    [
        {"pk": "ten_a#img_1", "sk": "TOKEN#001", "kind": "TOKEN", "body": "{}"},
        {"pk": "HOLDER#abc", "sk": "HOLDER", "kind": "HOLDER", "tenant": "ten_a"},
    ],
)
def test_what_would_let_a_reader_in_is_not_told(item: dict[str, str]) -> None:
    assert rules.exported(item) is None


def test_an_erasures_subject_does_not_tell_the_tenant() -> None:
    assert "ten_a" not in rules.subject_of("ten_a")
    assert rules.subject_of("ten_a") == rules.subject_of("ten_a") != rules.subject_of("ten_b")
