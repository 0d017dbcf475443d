"""Exceptions from rules about templates, each with its reason, beside the resource that needs it."""

from aws_cdk import Acknowledgment, CfnResource, Stack, Validations
from constructs import Construct, IConstruct


def accept(construct: IConstruct, reason: str, *findings: str) -> None:
    """Accept these findings of the pack AwsSolutions on the construct and on what it contains."""
    rules = [Acknowledgment(id=f"AwsSolutions-{finding}", reason=reason) for finding in findings]
    Validations.of(construct).acknowledge(*rules)


def overrule(construct: IConstruct, reason: str, *rules: str) -> None:
    """The same for rules of the CDK's own validation, which are cfn-lint's."""
    ids = [Acknowledgment(id=f"CloudFormation-Validate::{rule}", reason=reason) for rule in rules]
    Validations.of(construct).acknowledge(*ids)


def shown(resource: Construct, asked_from: IConstruct) -> str:
    """A resource's ARN as cdk-nag writes it: a logical id in its own stack, elsewhere the name of an export."""
    element = resource.node.default_child
    assert isinstance(element, CfnResource)
    home = Stack.of(resource)
    if home is Stack.of(asked_from):
        return f"<{home.get_logical_id(element)}.Arn>"
    imported = home.resolve(home.export_value(element.get_att("Arn")))
    return str(imported["Fn::ImportValue"])
