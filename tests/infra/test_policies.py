"""What the policies of a deployment let through, decided by an IAM simulator from the synthesised templates.

A missing permission is silent on AWS: an alarm that may not publish to its topic reaches nobody.
"""

import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from infra.local.tools import node, npm_packages
from infra.local.workspace import Workspace
from tests.infra.arns import Resolver
from tests.infra.clouds import cloud
from tests.infra.deliveries import PARTS, Deployment, Request

PINNED = Path(__file__).parent / "iam"
LIMIT_S = 300


@cache
def deployed() -> Deployment:
    return Deployment(Resolver(cloud("prod")))


def decided(requests: Sequence[Request]) -> list[str]:
    """`Allowed`, or why not, for each."""
    packages = npm_packages(Workspace(), PINNED, "the IAM simulator")
    module = packages / "@cloud-copilot" / "iam-simulate" / "dist" / "esm" / "index.js"
    asked = json.dumps(deployed().simulations(requests))
    ran = subprocess.run(
        [str(node()), str(PINNED / "simulate.mjs"), module.as_uri()],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT_S,
    )
    return [answer.get("decision") or json.dumps(answer["error"]) for answer in json.loads(ran.stdout)]


def refused(requests: Sequence[Request]) -> list[str]:
    return [
        f"{request.principal} {request.action}: {request.what}: {decision}"
        for request, decision in zip(requests, decided(requests), strict=True)
        if decision != "Allowed"
    ]


@pytest.mark.parametrize("part", PARTS)
def test_whatever_one_part_hands_to_another_is_let_through(part: str) -> None:
    requests = list(getattr(deployed(), part)())
    assert requests
    assert refused(requests) == []


def test_nothing_is_handed_over_in_plain_text() -> None:
    guarded = [request for request in deployed().requests() if not request.action.startswith(("lambda:", "states:"))]
    guarded = [request for request in guarded if not request.action.startswith("dynamodb:")]
    assert {request.action for request in guarded} == {"sns:Publish", "sqs:SendMessage", "s3:PutObject"}
    assert set(decided([request.over_http() for request in guarded])) == {"ExplicitlyDenied"}


def test_an_alarm_of_another_account_reaches_no_topic_of_ours() -> None:
    strangers = [request.from_another_account() for request in deployed().alarms()]
    assert set(decided(strangers)) == {"ImplicitlyDenied"}


def test_no_rule_of_another_account_calls_a_function_or_fills_a_queue() -> None:
    strangers = [request.from_another_account() for request in deployed().rules() if "events" in request.principal]
    assert set(decided(strangers)) == {"ImplicitlyDenied"}
