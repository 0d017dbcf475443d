"""The machine `publish`: its order, and where failures lead."""

import pytest

from tests.infra.machines import definition
from tests.infra.test_machines import follow

QUESTION = "Were all frames looked at?"


def test_a_set_is_made_packed_and_published_in_this_order() -> None:
    made = ["Make the frames", "Pack the set", "Publish the set", "Set published"]
    machine = definition("local", "publish")
    assert follow(machine, {}) == ["Plan the publication", QUESTION, *made]
    looked = follow(machine, {QUESTION: "look"})
    assert looked == ["Plan the publication", QUESTION, "Look at the frames", "Plan it again", *made]


@pytest.mark.parametrize(
    "state", ["Plan the publication", "Plan it again", "Make the frames", "Pack the set", "Publish the set"]
)
def test_a_publication_that_fails_anywhere_ends_its_job_and_publishes_nothing(state: str) -> None:
    path = follow(definition("local", "publish"), {QUESTION: "look", state: "SomeError"})
    assert path[-3:] == [state, "End the job", "Set not published"]
