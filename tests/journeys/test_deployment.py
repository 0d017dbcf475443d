import time

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from infra.local.deployment import describe, up
from infra.local.progress import Silent
from tests.journeys.conftest import Stack

SECONDS = 60
"""A second `up` with nothing changed; it takes one or two, but machines that run tests are busy."""


def test_a_deployment_answers_on_every_surface(stack: Stack) -> None:
    deployment = describe(stack.workspace)

    assert deployment.healthy
    assert "realstaging" in deployment.surfaces


def test_a_local_user_s_token_opens_the_api(stack: Stack) -> None:
    with stack.http("realstaging", "alice") as client:
        answer = client.get("/api/v1/projects")

    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_no_token_opens_nothing(stack: Stack) -> None:
    answer = httpx.get(f"{stack.deployment.base_url('realstaging')}/api/v1/projects", timeout=60)

    assert answer.status_code == 401


def test_a_page_of_another_origin_may_call(stack: Stack) -> None:
    origin = {"Origin": "http://localhost:3000"}
    wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,idempotency-key"}
    url = f"{stack.deployment.base_url('realstaging')}/api/v1/projects"

    preflight = httpx.options(url, headers={**origin, **wish}, timeout=60)
    answer = httpx.get(url, headers=origin, timeout=60)

    assert preflight.status_code in (200, 204)
    assert "idempotency-key" in preflight.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_unknown_credentials_reach_nothing(stack: Stack) -> None:
    stranger = boto3.client(
        "s3",
        endpoint_url=stack.deployment.emulator["url"],
        aws_access_key_id="AKIASTRANGER00000000",
        aws_secret_access_key="guessed",
        region_name="us-east-1",
    )

    with pytest.raises(ClientError) as refused:
        stranger.list_objects_v2(Bucket=stack.state.outputs["MediaBucketIs"])

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_second_up_changes_nothing_and_takes_seconds(stack: Stack) -> None:
    began = time.monotonic()

    again = up(stack.workspace, Silent())

    assert again == stack.deployment
    assert time.monotonic() - began < SECONDS
