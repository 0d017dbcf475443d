"""Follows "Adding a table" of layers/core/README.md with a throw-away table: a store of its own stands on it."""

from typing import Any

import pytest
from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from tests.support.cloud import create_table
from vitrine.kernel import schema, tables
from vitrine.kernel.environment import ConfigurationMissingError
from vitrine.kernel.errors import Conflict
from vitrine.kernel.schema import Index, TableNames, TableSchema

# The one declaration of the document.
FRAMES = TableSchema("frames", indexes=(Index("by_colour", "colour", "pk"),))


def a_store() -> Any:
    """What a context's `store.py` would hold; it asks for its table's name as it is imported."""

    class Frame(tables.Table):
        class Meta:
            table_name = FRAMES.deployed_name()

        colour: Any = UnicodeAttribute()

    return Frame


def test_a_store_finds_its_table_by_the_variable_that_infra_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TableNames(deployed={FRAMES.name: "deployed-frames"}).variables().items():
        monkeypatch.setenv(name, value)
    create_table(TableSchema("deployed-frames", FRAMES.indexes))
    frame = a_store()
    tables.commit(
        tables.put(frame("ten_a", "FRAME#1", colour="oak"), frame.pk.does_not_exist(), lambda: Conflict("It is there."))
    )
    assert frame.get("ten_a", "FRAME#1").colour == "oak"


def test_a_store_whose_variable_is_missing_says_which() -> None:
    with pytest.raises(ConfigurationMissingError, match="VITRINE_FRAMES_TABLE"):
        a_store()


def test_the_environment_of_tests_names_every_declared_table() -> None:
    assert {table.deployed_name() for table in schema.TABLES} == {table.name for table in schema.TABLES}


def test_a_store_with_an_index_stands_beside_one_without_whoever_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    made = TableSchema("indexed-frames", FRAMES.indexes)
    monkeypatch.setenv(FRAMES.variable, made.name)
    create_table(made)
    plain = a_store()
    tables.commit(
        tables.put(plain("ten_a", "FRAME#1", colour="oak"), plain.pk.does_not_exist(), lambda: Conflict("It is there."))
    )
    assert plain.get("ten_a", "FRAME#1").colour == "oak"

    class ByColour(GlobalSecondaryIndex[Any]):
        class Meta:
            index_name = "by_colour"
            projection = AllProjection()

        colour: Any = UnicodeAttribute(hash_key=True)
        pk: Any = UnicodeAttribute(range_key=True)

    class Indexed(tables.Table):
        class Meta:
            table_name = made.name

        by_colour = ByColour()

    assert [each.sk for each in Indexed.by_colour.query("oak")] == ["FRAME#1"]
