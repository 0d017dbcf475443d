"""What each function may touch, in every environment: what its code needs and nothing else."""

import re

from functions.surfaces import SURFACES
from infra.documents import load, operations
from tests.infra.clouds import Cloud, Resource, cloud, listed, statements, text
from vitrine.kernel.schema import TABLES
from vitrine.kernel.surface import Function, Surface

ALARM = "AWS::CloudWatch::Alarm"


def test_no_policy_allows_an_action_by_wildcard(anywhere: Cloud) -> None:
    for place, statement in statements(anywhere):
        assert not [action for action in listed(statement["Action"]) if "*" in action], place


# Calls that know no resources (Service Authorization Reference), or whose log group must be made by the caller.
RESOURCELESS = {
    "cloudformation:ListStacks",
    "cloudwatch:PutMetricData",
    "dynamodb:ListStreams",
    "ecr:GetAuthorizationToken",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "states:SendTaskFailure",
    "states:SendTaskSuccess",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def test_only_calls_that_know_no_resources_are_allowed_on_all(anywhere: Cloud) -> None:
    # The emulator knows no resource for a mail; elsewhere it is the sender's identity.
    known = RESOURCELESS | ({"ses:SendEmail"} if anywhere.environment == "local" else set())
    for place, statement in statements(anywhere):
        if "*" in listed(statement["Resource"]):
            assert set(listed(statement["Action"])) <= known, place


def test_mail_may_come_from_the_sender_alone(anywhere: Cloud) -> None:
    mailing = [found for _, found in statements(anywhere) if "ses:SendEmail" in listed(found["Action"])]
    assert len(mailing) == 1
    if anywhere.environment != "local":
        assert all(":identity/" in text(resource) for resource in listed(mailing[0]["Resource"]))


def test_the_functions_that_touch_money_are_the_ones_that_may(anywhere: Cloud) -> None:
    allowed = {name for name, found in everything(anywhere).items() if "w" in found.get("billing", "")}
    of_surfaces = {f"{surface.group}.{function.name}" for surface in SURFACES for function in surface.functions}
    assert allowed - of_surfaces == {
        "pipeline.publish_picture",
        "pipeline.end_job",
        "pipeline.release_photo",
        "reactions.start_work",
        "reactions.sweep_deadlines",
        "reactions.call_off",
        "reactions.delete_images",
    }
    assert allowed & of_surfaces == {
        name for name, declared in OF_SURFACES.items() if "w" in declared.get("billing", "")
    }


ENDS_JOBS = {"jobs": "rw", "billing": "rw"}
ACCESS = {
    "pipeline.inspect_upload": {"uploads/": "r", "originals/": "rw", "thumbnails/": "w"},
    "pipeline.record_inspection": {"assets": "rw"},
    "pipeline.start_inference": {"jobs": "rw", "assets": "r", "inference/": "w"},
    "pipeline.judge_result": {},
    "pipeline.publish_picture": {**ENDS_JOBS, "inference/": "r", "published/": "w"},
    "pipeline.end_job": ENDS_JOBS,
    "pipeline.queue_photos": {"jobs": "rw", "staging": "rw"},
    "pipeline.release_photo": {**ENDS_JOBS, "assets": "r", "uploads/": "r"},
    "pipeline.finish_batch": {"jobs": "rw"},
    "pipeline.deliver_webhook": {"engagement": "rw"},
    "pipeline.inspect_frame": {
        "capture": "r",
        "org/": "rw",
        "originals/org/": "rw",
        "capture/": "w",
    },
    "pipeline.record_frame": {"capture": "rw", "jobs": "rw"},
    "pipeline.plan_set": {"capture": "r", "jobs": "rw"},
    "pipeline.look_at_frames": {"capture/": "w"},
    "pipeline.judge_set": {"capture": "rw", "jobs": "rw", "capture/": "rw"},
    "pipeline.end_capture": {"jobs": "rw"},
    "pipeline.plan_publication": {"capture": "r", "identity": "r", "jobs": "rw", "capture/": "rw"},
    "pipeline.make_frames": {"capture/": "rw", "originals/org/": "r", "published/": "w"},
    "pipeline.make_frame": {"identity": "r", "capture/": "r", "originals/org/": "r", "published/": "rw"},
    "pipeline.pack_set": {"capture/": "r", "published/": "rw"},
    "pipeline.publish_set": {"capture": "rw", "jobs": "rw", "published/": "rd"},
    "reactions.judge_sets": {"capture": "rw", "jobs": "rw"},
    "reactions.publish_changes": {"guard": "rw"},
    "reactions.tell_customers": {"engagement": "rw", "jobs": "r"},
    "reactions.send_mail": {"engagement": "rw", "identity": "r", "jobs": "r"},
    "reactions.resume_batch": {"jobs": "r"},
    "reactions.start_work": {**ENDS_JOBS, "assets": "r"},
    "reactions.pass_on_slots": {"jobs": "rw"},
    "reactions.call_off": {**ENDS_JOBS, "staging": "rw"},
    "reactions.delete_images": {
        **ENDS_JOBS,
        "assets": "rw",
        "staging": "rw",
        "uploads/": "d",
        "inference/": "d",
        "originals/": "d",
        "published/": "d",
        "thumbnails/": "d",
    },
    "reactions.finish_inference": {"jobs": "r", "inference/": "r"},
    "reactions.sweep_deadlines": {**ENDS_JOBS, "assets": "r", "guard": "rw", "uploads/": "r"},
}
"""What each function behind the APIs may read, write and delete: tables by name (to write is to delete), objects by
prefix. What a surface's functions may do, the surface declares."""
MODES = {
    "r": {"dynamodb:GetItem", "s3:GetObject"},
    "w": {"dynamodb:PutItem", "s3:PutObject"},
    "d": {"s3:DeleteObject", "s3:DeleteObjectVersion"},
}


def access(cloud: Cloud, function: Resource) -> dict[str, str]:
    role, found = function.properties["Role"]["Fn::GetAtt"][0], dict[str, set[str]]()
    for policy in cloud.all("AWS::IAM::Policy"):
        if policy.stack == function.stack and {"Ref": role} in policy.properties["Roles"]:
            for statement in policy.properties["PolicyDocument"]["Statement"]:
                actions = set(listed(statement["Action"]))
                modes = {letter for letter, needed in MODES.items() if actions & needed}
                for thing in things(statement["Resource"]) if modes else ():
                    found.setdefault(thing, set()).update(modes)
    return {thing: "".join(letter for letter in MODES if letter in modes) for thing, modes in found.items()}


def declared(surface: Surface, function: Function, *, signed_in: bool) -> dict[str, str]:
    """As `access` has it."""
    own = function.access
    if signed_in and surface.callers:
        own = surface.callers.access | own
    tables = {**{table.name: "r" for table in own.reads}, **{table.name: "rw" for table in own.writes}}
    found = dict.fromkeys((prefix.start for prefix in (*own.gets, *own.puts, *own.deletes)), "")
    for mode, prefixes in (("r", own.gets), ("w", own.puts), ("d", own.deletes)):
        found |= {prefix.start: found[prefix.start] + mode for prefix in prefixes}
    return tables | found


OF_SURFACES = {
    f"{surface.group}.{function.name}": declared(
        surface,
        function,
        signed_in=any(not route.is_public for route in operations(load(surface)) if route.function == function.name),
    )
    for surface in SURFACES
    for function in surface.functions
}


def everything(cloud: Cloud) -> dict[str, dict[str, str]]:
    return {
        function.properties["Handler"].removeprefix("functions.").removesuffix(".handler"): access(cloud, function)
        for function in cloud.all("AWS::Lambda::Function")
    }


def things(resources: object) -> set[str]:
    names = "|".join(table.name.title() for table in TABLES)
    tables = re.findall(rf"({names})Table[0-9A-F]{{8}}", text(resources))
    return {table.lower() for table in tables} | set(re.findall(r'"/?((?:[a-z]+/)+)\*"', text(resources)))


def test_each_function_may_read_and_write_what_its_code_does_and_nothing_else(anywhere: Cloud) -> None:
    assert everything(anywhere) == ACCESS | OF_SURFACES


def test_local_and_prod_make_the_same_functions_with_the_same_access() -> None:
    def actions(environment: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for place, statement in statements(cloud(environment)):
            if not place.startswith(("endpoint/", "delivery/")):
                found.setdefault(place, set()).update(listed(statement["Action"]))
        return found

    assert actions("local") == actions("prod")


def test_the_function_that_calls_where_customers_say_can_reach_nothing_of_ours(anywhere: Cloud) -> None:
    (function,) = [
        found for found in anywhere.all("AWS::Lambda::Function") if "deliver_webhook" in text(found.properties)
    ]
    assert "VpcConfig" not in function.properties
    assert access(anywhere, function) == {"engagement": "rw"}


def test_every_topic_that_an_alarm_names_lets_cloudwatch_publish_for_this_account(anywhere: Cloud) -> None:
    actions = text([alarm.properties.get("AlarmActions") for alarm in anywhere.all(ALARM)])
    policies = anywhere.all("AWS::SNS::TopicPolicy")
    named = [topic.id for topic in anywhere.all("AWS::SNS::Topic") if topic.id in actions]
    assert named
    for topic in named:
        (policy,) = [each for each in policies if {"Ref": topic} in each.properties["Topics"]]
        (allowed,) = [each for each in policy.properties["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
        assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert allowed["Action"] == "sns:Publish"
        assert list(allowed["Condition"]["StringEquals"]) == ["aws:SourceAccount"]
