"""Executions that functions keep for themselves, out of an account's quota."""

from infra.settings import LOCAL, MUST_RUN, settings_for
from infra.stacks.environment import KEYS
from tests.infra.clouds import GIVEN, Cloud, Resource, cloud


def reserved(deployed: Cloud) -> dict[str, int]:
    found: list[Resource] = deployed.all("AWS::Lambda::Function")
    return {
        str(function.properties["FunctionName"]): function.properties["ReservedConcurrentExecutions"]
        for function in found
        if "ReservedConcurrentExecutions" in function.properties
    }


def test_what_holds_requests_is_capped_and_what_must_run_has_its_share() -> None:
    found = reserved(cloud("prod"))
    for name, share in MUST_RUN.items():
        assert found.pop(f"vitrine-prod-reactions-{name.replace('_', '-')}") == share
    assert found == {"vitrine-prod-realstaging-api-events": 400, "vitrine-prod-stagecraft-api-staging": 100}


def test_the_doctor_counts_what_the_templates_reserve() -> None:
    given = {key: GIVEN["prod"].get(key) for key in KEYS}
    assert settings_for("prod", given).reserved_at_once == sum(reserved(cloud("prod")).values())


def test_a_machine_of_ones_own_sets_nothing_aside_and_inspects_few_frames_at_once() -> None:
    assert reserved(cloud("local")) == {"vitrine-local-pipeline-inspect-frame": LOCAL.frames_at_once}
    assert LOCAL.reserved_at_once == 0
