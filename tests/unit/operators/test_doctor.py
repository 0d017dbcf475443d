"""What `vitrine doctor` makes of AWS's answers; botocore's Stubber holds each recorded one to the service's model."""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from infra.operators.readiness import SERVERLESS, Account, Finding, examine
from infra.settings import PROD, Engine
from vitrine.kernel.clock import utc_now

DIGEST = f"sha256:{'0' * 64}"
SETTINGS = dataclasses.replace(
    PROD,
    oidc_issuer="https://issuer.example/",
    engine=Engine(image_uri=f"1.dkr.ecr.eu-west-1.amazonaws.com/vitrine-prod-engine@{DIGEST}"),
)
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:Stripe"
WEB = {
    "https://issuer.example/.well-known/openid-configuration": {
        "issuer": "https://issuer.example/",
        "jwks_uri": "https://issuer.example/keys",
    },
    "https://issuer.example/keys": {"keys": [{"kid": "1"}]},
}


class Answers:
    """A session whose clients give recorded answers, in the order of the checks."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._given: dict[str, list[tuple[str, Any]]] = {}

    def give(self, service: str, operation: str, answer: Any) -> None:
        self._given.setdefault(service, []).append((operation, answer))

    def client(self, service: str) -> Any:
        client = boto3.client(service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")  # type: ignore[call-overload]
        stubber = self._stack.enter_context(Stubber(client))
        given, self._given[service] = self._given.get(service, []), []
        for operation, answer in given:
            if isinstance(answer, str):
                stubber.add_client_error(operation, answer)
            else:
                stubber.add_response(operation, answer)
        return client


@pytest.fixture
def cloud() -> Iterator[Answers]:
    with ExitStack() as stack:
        yield Answers(stack)


def limits(executions: int) -> dict[str, Any]:
    return {"AccountLimit": {"ConcurrentExecutions": executions}}


def quota(name: str, value: float) -> dict[str, Any]:
    return {"Quotas": [{"QuotaName": "another", "Value": 1.0}, {"QuotaName": name, "Value": value}]}


def ready(cloud: Answers, **other: Any) -> None:
    """What a ready account answers, or something else for one operation."""
    answers = {
        "get_account_settings": ("lambda", limits(1000)),
        "get_parameter": ("ssm", {"Parameter": {"Value": "21"}}),
        "describe_images": ("ecr", {"imageDetails": [{"imageDigest": DIGEST}]}),
        "get_secret_value": ("secretsmanager", {"SecretString": "whsec_x"}),
        "describe_stacks": ("cloudformation", stack_of_data()),
    }
    for operation, (service, answer) in answers.items():
        cloud.give(service, operation, other.get(operation, answer))


def stack_of_data() -> dict[str, Any]:
    return {
        "Stacks": [
            {
                "StackName": "vitrine-prod-data",
                "CreationTime": utc_now().isoformat(),
                "StackStatus": "CREATE_COMPLETE",
                "Outputs": [{"OutputKey": "StripeWebhookSecretIs", "OutputValue": ARN}],
            }
        ]
    }


def found(cloud: Answers, web: Mapping[str, Any] = WEB, reserved: int = 400) -> dict[str, Finding]:
    def fetch(url: str) -> Any:
        if url not in web:
            raise OSError("no such host")
        return web[url]

    return {finding.name: finding for finding in examine(Account(cloud, SETTINGS, fetch), 160, reserved)}


def test_a_ready_account_is_called_ready(cloud: Answers) -> None:
    ready(cloud)
    # Each quota opens a client of its own, so the first one that asks gets the answers.
    cloud.give("service-quotas", "list_service_quotas", quota("Routes per HTTP API", 300.0))
    findings = found(cloud)
    for name in ("Lambda's concurrency", "routes of an API", "CDK bootstrap", "engine image", "identity provider"):
        assert findings[name].ok, findings[name]
    assert findings["Stripe's secret"].ok


@pytest.mark.parametrize(
    ("operation", "answer", "name", "says"),
    [
        ("get_account_settings", limits(10), "Lambda's concurrency", "10, 500 needed: ask Service Quotas"),
        ("get_account_settings", limits(3000), "Lambda's concurrency", "write lambda_quota = 3000"),
        ("get_parameter", {"Parameter": {"Value": "5"}}, "CDK bootstrap", "version 5 is too old"),
        ("get_parameter", "ParameterNotFound", "CDK bootstrap", "there is none: run `cdk bootstrap`"),
        ("describe_images", "ImageNotFoundException", "engine image", "push it first"),
        ("get_secret_value", {"SecretString": "generated"}, "Stripe's secret", "no payment is credited"),
    ],
)
def test_what_is_not_ready_says_what_to_do(cloud: Answers, operation: str, answer: Any, name: str, says: str) -> None:
    ready(cloud, **{operation: answer})
    finding = found(cloud)[name]
    assert finding.ok is False
    assert says in finding.says


@pytest.mark.parametrize(
    ("name", "quota_name", "has", "needs"),
    [
        ("routes of an API", "Routes per HTTP API", 100.0, 160),
        ("instances of the endpoint", "ml.c6i.2xlarge for endpoint usage", 0.0, 4),
        ("serverless inference", SERVERLESS, 5.0, SETTINGS.engine.qc_most_at_once),
    ],
)
def test_a_quota_is_found_by_its_name_and_compared(
    cloud: Answers, name: str, quota_name: str, has: float, needs: int
) -> None:
    ready(cloud)
    order = ["routes of an API", "instances of the endpoint", "serverless inference"]
    asked = iter(order)

    class OneQuota(Answers):
        def client(self, service: str) -> Any:
            if service == "service-quotas" and next(asked) == name:
                cloud.give(service, "list_service_quotas", quota(quota_name, has))
            elif service == "service-quotas":
                cloud.give(service, "list_service_quotas", {"Quotas": []})
                cloud.give(service, "list_aws_default_service_quotas", {"Quotas": []})
            return cloud.client(service)

    with ExitStack() as stack:
        finding = found(OneQuota(stack))[name]
    assert (finding.ok, finding.says.split(":")[0]) == (False, f"{has:.0f}, {needs} needed")


def test_what_may_not_be_asked_is_said_and_keeps_nothing_else_from_being_looked_at(cloud: Answers) -> None:
    ready(cloud, get_account_settings="AccessDeniedException")
    findings = found(cloud)
    assert findings["Lambda's concurrency"].ok is None
    assert "AccessDeniedException" in findings["Lambda's concurrency"].says
    assert findings["CDK bootstrap"].ok


@pytest.mark.parametrize(
    ("web", "says"),
    [
        ({}, "answers no configuration"),
        (
            {
                **WEB,
                "https://issuer.example/.well-known/openid-configuration": {
                    "issuer": "https://issuer.example",
                    "jwks_uri": "https://issuer.example/keys",
                },
            },
            "write issuer the same way",
        ),
    ],
)
def test_a_provider_that_does_not_answer_or_calls_itself_otherwise_is_found(
    cloud: Answers, web: Mapping[str, Any], says: str
) -> None:
    ready(cloud)
    finding = found(cloud, web)["identity provider"]
    assert finding.ok is False
    assert says in finding.says
