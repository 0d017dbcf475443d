"""Exceptions from cdk-nag's rules, each with its reason, beside the resource that needs it."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def accept(construct: IConstruct, reason: str, *findings: str) -> None:
    """Accept these findings of the pack AwsSolutions on the construct and on what it contains."""
    rules = [Acknowledgment(id=f"AwsSolutions-{finding}", reason=reason) for finding in findings]
    Validations.of(construct).acknowledge(*rules)
