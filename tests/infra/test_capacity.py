"""Executions that functions keep for themselves, out of an account's quota."""

from infra.settings import LOCAL, MUST_RUN, settings_for
from infra.stacks.environment import KEYS
from tests.infra.clouds import GIVEN, Cloud, Resource, cloud
from tests.infra.machines import definition
from vitrine.staging import endpoint
from vitrine.staging.kinds import STAGE


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


def test_an_endpoint_that_sleeps_is_given_one_instance_however_long_that_takes_to_start() -> None:
    steps = [
        policy.properties["StepScalingPolicyConfiguration"]
        for policy in cloud("prod").all("AWS::ApplicationAutoScaling::ScalingPolicy")
        if policy.properties["PolicyType"] == "StepScaling"
    ]
    (wake,) = steps
    assert wake["AdjustmentType"] == "ExactCapacity"
    assert [step["ScalingAdjustment"] for step in wake["StepAdjustments"]] == [1]


def test_an_endpoint_has_time_to_wake_for_each_of_two_tries_within_a_jobs_own_time() -> None:
    staging = definition("prod", "staging")
    answer_s = staging["States"]["Stage the photo"]["TimeoutSeconds"]
    assert answer_s == endpoint.DEADLINE.total_seconds() + 60
    assert 2 * answer_s <= STAGE.may_work.total_seconds() <= staging["TimeoutSeconds"]


def test_the_doctor_counts_what_the_templates_reserve() -> None:
    given = {key: GIVEN["prod"].get(key) for key in KEYS}
    assert settings_for("prod", given).reserved_at_once == sum(reserved(cloud("prod")).values())


def test_a_machine_of_ones_own_sets_nothing_aside_and_inspects_few_frames_at_once() -> None:
    assert reserved(cloud("local")) == {"vitrine-local-pipeline-inspect-frame": LOCAL.frames_at_once}
    assert LOCAL.reserved_at_once == 0
