"""What a deployment would do to things that hold data or an address that somebody knows.

CloudFormation replaces a resource when a property changes that can only be set at its creation. Which those are, each
resource's own schema says (`createOnlyProperties`); cfn-lint carries all schemas.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

STATEFUL = (
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::Events::EventBus",
    "AWS::Events::Archive",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Logs::LogGroup",
    "AWS::ECR::Repository",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::DomainName",
)
"""An API is among them: its address is in Stripe's settings and in customers' programs."""
ALSO_REPLACED_BY = {"AWS::DynamoDB::Table": ("KeySchema",)}
"""The schema of tables leaves this out; CloudFormation's reference says "Updates: replacement"."""
KEPT = ("Retain", "RetainExceptOnCreate", "Snapshot")


@dataclass(frozen=True)
class Loss:
    """A thing that is deleted, abandoned (kept, but no longer the stack's) or replaced, and why."""

    stack: str
    id: str
    type: str
    what: str

    def __str__(self) -> str:
        return f"{self.stack}: {self.type} {self.id} would be {self.what}"


def losses(old: Mapping[str, Json], new: Mapping[str, Json]) -> list[Loss]:
    """What of the stateful resources of `old` templates does not live on in `new` ones, both by stack."""
    return [loss for stack in old for loss in _of_stack(stack, old[stack], new.get(stack, {}))]


def _of_stack(stack: str, old: Json, new: Json) -> Iterator[Loss]:
    after = new.get("Resources", {})
    for id_, before in old.get("Resources", {}).items():
        if before["Type"] in STATEFUL and (what := _fate(before, after.get(id_))):
            yield Loss(stack, id_, before["Type"], what)


def _fate(before: Json, after: Json | None) -> str | None:
    if after is None or after["Type"] != before["Type"]:
        return "abandoned: it stays, and a new one is empty" if before.get("DeletionPolicy") in KEPT else "deleted"
    changed = [name for name in _only_at_creation(before["Type"]) if _property(before, name) != _property(after, name)]
    return f"replaced, because {', '.join(changed)} changes" if changed else None


def _property(resource: Json, name: str) -> Any:
    return resource.get("Properties", {}).get(name)


def _only_at_creation(kind: str) -> list[str]:
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    declared = [*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ())]
    names = (path.removeprefix("/properties/").split("/")[0] for path in declared)
    return sorted({*names, *ALSO_REPLACED_BY.get(kind, ())})
