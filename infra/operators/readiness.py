"""Whether an AWS account is ready for an environment: quotas, bootstrap, image, identity provider, secrets.

Each check says what was found and, where it is not enough, what to ask for or to do. Nothing is changed.
"""

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.settings import Settings

LAMBDA_KEEPS = 100
"""Executions that Lambda never lets an account reserve (developer guide, "Reserved concurrency")."""
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
BOOTSTRAP_NEEDED = 6
SERVERLESS = "Maximum total concurrency that can be allocated across all serverless endpoints"
FETCH_S = 10

Fetch = Callable[[str], Any]


@dataclass(frozen=True)
class Finding:
    """`ok` None: it could not be looked at, and `says` has the reason."""

    name: str
    ok: bool | None
    says: str


@dataclass(frozen=True)
class Account:
    """`cloud` is a boto3 session or its like; `fetch` gets JSON from a URL."""

    cloud: Any
    settings: Settings
    fetch: Fetch


def examine(account: Account, routes: int, reserved: int) -> Iterator[Finding]:
    """All checks, each for itself: one that fails to look keeps no other from looking.

    `routes` is the largest API's number of routes, `reserved` the executions that functions reserve together.
    """
    checks: dict[str, Callable[[], Finding]] = {
        "Lambda's concurrency": lambda: _concurrency(account, reserved),
        "routes of an API": lambda: _routes(account, routes),
        "instances of the endpoint": lambda: _instances(account),
        "serverless inference": lambda: _serverless(account),
        "CDK bootstrap": lambda: _bootstrap(account),
        "engine image": lambda: _image(account),
        "identity provider": lambda: _provider(account),
        "Stripe's secret": lambda: _stripe(account),
    }
    for name, check in checks.items():
        try:
            yield check()
        except (BotoCoreError, ClientError) as error:
            yield Finding(name, None, f"could not be asked: {type(error).__name__} {_code(error)}".strip())


def _code(error: Exception) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def _concurrency(account: Account, reserved: int) -> Finding:
    has = account.cloud.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    needs = reserved + LAMBDA_KEEPS
    if has >= needs and has == account.settings.lambda_quota:
        return Finding("Lambda's concurrency", True, f"{has}, {needs} needed")
    if has >= needs:
        return Finding("Lambda's concurrency", False, f"write lambda_quota = {has}: the alarm's measure is another one")
    advice = 'ask Service Quotas for more of Lambda\'s "Concurrent executions", or lower sse_at_once, waits_at_once'
    return Finding("Lambda's concurrency", False, f"{has}, {needs} needed: {advice}")


def _routes(account: Account, routes: int) -> Finding:
    return _enough(account, "routes of an API", "apigateway", "Routes per HTTP API", routes)


def _instances(account: Account) -> Finding:
    engine = account.settings.engine
    name = f"{engine.staging_instance} for endpoint usage"
    return _enough(account, "instances of the endpoint", "sagemaker", name, engine.staging_most_instances)


def _serverless(account: Account) -> Finding:
    return _enough(account, "serverless inference", "sagemaker", SERVERLESS, account.settings.engine.qc_most_at_once)


def _enough(account: Account, name: str, service: str, quota: str, needs: int) -> Finding:
    has = _quota(account, service, quota)
    if has is None:
        return Finding(name, None, f'Service Quotas of {service} lists no "{quota}"')
    if has >= needs:
        return Finding(name, True, f"{has:.0f}, {needs} needed")
    return Finding(name, False, f'{has:.0f}, {needs} needed: ask Service Quotas for more of "{quota}"')


def _quota(account: Account, service: str, name: str) -> float | None:
    """By its name, since codes differ by instance type. The default counts until a value was applied."""
    client = account.cloud.client("service-quotas")
    for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
        for page in client.get_paginator(operation).paginate(ServiceCode=service):
            for quota in page["Quotas"]:
                if quota["QuotaName"] == name:
                    return float(quota["Value"])
    return None


def _bootstrap(account: Account) -> Finding:
    try:
        found = int(account.cloud.client("ssm").get_parameter(Name=BOOTSTRAP)["Parameter"]["Value"])
    except ClientError as error:
        if _code(error) != "ParameterNotFound":
            raise
        found = 0
    if found >= BOOTSTRAP_NEEDED:
        return Finding("CDK bootstrap", True, f"version {found}")
    what = f"version {found} is too old" if found else "there is none"
    return Finding("CDK bootstrap", False, f"{what}: run `cdk bootstrap`")


def _image(account: Account) -> Finding:
    uri = account.settings.engine.image_uri
    if uri is None:
        return Finding(
            "engine image", False, "none: set inference_image_uri, or every staging ends as a refunded error"
        )
    repository, _, digest = uri.partition("/")[2].partition("@")
    try:
        account.cloud.client("ecr").describe_images(repositoryName=repository, imageIds=[{"imageDigest": digest}])
    except ClientError as error:
        if _code(error) not in ("ImageNotFoundException", "RepositoryNotFoundException"):
            raise
        return Finding("engine image", False, f"{repository} has no {digest[:19]}…: push it first")
    return Finding("engine image", True, f"{repository}@{digest[:19]}…")


def _provider(account: Account) -> Finding:
    settings = account.settings
    try:
        said = account.fetch(f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration")
        keys = account.fetch(settings.oidc_jwks_url or said["jwks_uri"])["keys"]
    except (OSError, ValueError, KeyError, TypeError):
        return Finding("identity provider", False, f"{settings.oidc_issuer} answers no configuration with keys")
    if said.get("issuer") != settings.oidc_issuer:
        return Finding("identity provider", False, f"it calls itself {said.get('issuer')}: write issuer the same way")
    return Finding("identity provider", bool(keys), f"{len(keys)} keys")


def _stripe(account: Account) -> Finding:
    name, missing = "Stripe's secret", "put Stripe's signing secret (whsec_…) into it, or no payment is credited"
    stack = account.settings.named("data")
    found = account.cloud.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    arn = next((each["OutputValue"] for each in found if each["OutputKey"] == "StripeWebhookSecretIs"), None)
    if arn is None:
        return Finding(name, None, f"{stack} names none")
    value = account.cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    return Finding(name, value.startswith("whsec_"), "there" if value.startswith("whsec_") else missing)


def fetch(url: str) -> Any:
    """JSON over https. Raises OSError, ValueError."""
    if not url.startswith("https://"):
        raise ValueError("an identity provider is asked over https")
    with urllib.request.urlopen(url, timeout=FETCH_S) as answer:  # noqa: S310 - https, as checked
        return json.load(answer)
