import time
from functools import partial
from threading import Event, Thread

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from infra.local.deployment import describe, up
from infra.local.progress import Silent
from tests.journeys.conftest import Stack
from tests.support.backstage import Backstage
from tests.support.patience import until

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
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }
    url = f"{stack.deployment.base_url('realstaging')}/api/v1/projects"

    preflight = httpx.options(url, headers={**origin, **asked}, timeout=60)
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


class Requests:
    """Some clients that ask for the same thing over and over while the block runs, and what they were answered."""

    def __init__(self, url: str, token: str, clients: int = 3) -> None:
        self.answers: list[int] = []
        self._ask = partial(httpx.get, url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False)
        self._over = Event()
        self._clients = [Thread(target=self._go) for _ in range(clients)]

    def __enter__(self) -> "Requests":
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for client in self._clients:
            client.join()

    def more(self, count: int) -> None:
        seen = len(self.answers)
        until(lambda: len(self.answers) >= seen + count, what=f"{count} more answers")

    def _go(self) -> None:
        while not self._over.is_set():
            self.answers.append(self._ask().status_code)


@pytest.mark.usefixtures("alone")
def test_a_new_version_in_the_middle_of_requests_leaves_none_unanswered(stack: Stack, backstage: Backstage) -> None:
    """The calls that CloudFormation makes: change `$LATEST`, publish it, move the alias; then all back again."""
    url = f"{stack.deployment.base_url('realstaging')}/api/v1/projects"
    with Requests(url, stack.token("alice")) as requests:
        requests.more(10)
        with backstage.with_environment("realstaging-api-projects", VITRINE_REQUESTS_PER_MINUTE="99999"):
            requests.more(10)
        requests.more(10)

    assert set(requests.answers) == {200}


@pytest.mark.usefixtures("alone")
def test_callers_get_what_is_published_and_not_latest(stack: Stack, backstage: Backstage) -> None:
    """Lest the journey before this one passes because no caller minds what happens to the function."""
    name = backstage.name_of("realstaging-api-projects")
    functions = backstage.aws("lambda")
    was = functions.get_function_configuration(FunctionName=name)["Handler"]
    backstage.settle(name)
    functions.update_function_configuration(FunctionName=name, Handler="functions.nowhere.handler")
    try:
        with stack.http("realstaging", "alice") as client:
            unpublished = client.get("/api/v1/projects").status_code
            with backstage.published(name):
                published = client.get("/api/v1/projects").status_code
    finally:
        functions.update_function_configuration(FunctionName=name, Handler=was)

    assert unpublished == 200
    assert published >= 500


def test_a_second_up_changes_nothing_and_takes_seconds(stack: Stack) -> None:
    began = time.monotonic()

    again = up(stack.workspace, Silent())

    assert again == stack.deployment
    assert time.monotonic() - began < SECONDS
