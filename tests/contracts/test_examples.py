"""The documents' examples are calls that run, with the answers that they got."""

import pytest

from infra.documents import Json, Operation
from tests.examples.recorded import SHOWN, files
from tests.support.surfaces import EVERY, NAMES
from vitrine.kernel.surface import Surface


def test_the_committed_examples_are_what_the_calls_came_to() -> None:
    for path, text in files().items():
        advice = f"{path.name}: run `uv run python -m tests.examples`, then `uv run vitrine contracts`"
        assert path.read_text() == text, advice


@pytest.mark.parametrize(("surface", "operation"), EVERY, ids=NAMES)
def test_an_operation_shows_an_example_of_all_that_it_takes_and_of_its_answer(
    surface: Surface, operation: Operation
) -> None:
    body = operation.body
    required = [each["name"] for each in body["parameters"] if each.get("required") and "example" not in each]
    sent = without_example([body.get("requestBody", {})])
    successes = [answer for status, answer in body["responses"].items() if status.startswith("2")]
    answered = without_example(successes)
    assert [name for name in (*required, *sent) if (operation.route, name) not in UNSHOWN] == []
    assert not successes or len(answered) < len(successes) or (operation.route, "answer") in UNSHOWN


def without_example(contents: list[Json]) -> list[str]:
    """The media types that have none, of those that can be read."""
    found = (shown for content in contents for shown in content.get("content", {}).items())
    return [media_type for media_type, shown in found if media_type in SHOWN and "example" not in shown]


UNSHOWN = {
    ("GET /openapi.json", "answer"): "the document within itself",
    ("POST /api/v1/stripe/webhook", "Stripe-Signature"): "a signature of the moment, which Stripe alone can make",
}
