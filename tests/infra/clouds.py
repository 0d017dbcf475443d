"""Synthesised templates, and questions about them."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra.packaging.assets import ROOT
from infra.stacks.environment import create
from tests.support.once import once

IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/vitrine/engine@sha256:{'0' * 64}"
GIVEN = {
    "local": {},
    "dev": {"issuer": "https://issuer.example/", "audience": "https://api.example"},
    "prod": {
        "issuer": "https://issuer.example/",
        "audience": "https://api.example",
        "cors_origins": "https://app.example",
        "alarm_email": "operators@example.com",
        "inference_image_uri": IMAGE,
        "github_repository": "company/vitrine",
        "domains": "realstaging=api.example.com,stagecraft=luxury.example.com",
        "certificate": "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    },
}
ENVIRONMENTS = tuple(GIVEN)


@dataclass(frozen=True)
class Resource:
    stack: str
    id: str
    type: str
    body: Mapping[str, Any]

    @property
    def properties(self) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self.body.get("Properties", {})
        return properties

    @property
    def label(self) -> str:
        return f"{self.stack}/{self.id}"


@dataclass(frozen=True)
class Cloud:
    """One environment's templates, by the last word of the stack's name."""

    environment: str
    folder: Path
    templates: Mapping[str, Mapping[str, Any]]

    def all(self, *types: str) -> list[Resource]:
        return [resource for resource in self if resource.type in types]

    def __iter__(self) -> Iterator[Resource]:
        for stack, template in self.templates.items():
            for id_, body in template["Resources"].items():
                yield Resource(stack, id_, body["Type"], body)


def context(environment: str) -> dict[str, object]:
    """What the CDK CLI would hand over, but for the zips: no layer is resolved."""
    flags = json.loads((ROOT / "cdk.json").read_text())["context"]
    return {**flags, **GIVEN[environment], "environment": environment, "aws:cdk:bundling-stacks": []}


@cache
def cloud(environment: str) -> Cloud:
    """Synthesised once for all workers of a run. No test asks it while tests are collected."""
    assert "PYTEST_CURRENT_TEST" in os.environ, "a synth takes seconds, and collection is done by every worker"
    folder = once(f"synth/{environment}", lambda folder: create(str(folder), context(environment)).synth())
    prefix = f"vitrine-{environment}-"
    templates = {
        path.name.removeprefix(prefix).removesuffix(".template.json"): json.loads(path.read_text())
        for path in folder.glob("*.template.json")
    }
    return Cloud(environment, folder, templates)


def statements(cloud: Cloud) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every statement of every policy of an identity, with its place."""
    for policy in cloud.all("AWS::IAM::Policy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            yield policy.label, statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def alias_of(qualifier: Any) -> str:
    """The alias whose name this is: {"Fn::Select": [7, {"Fn::Split": [":", {"Ref": ALIAS}]}]}."""
    return str(qualifier["Fn::Select"][1]["Fn::Split"][1]["Ref"])
