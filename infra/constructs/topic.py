"""SNS topics."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.nag import accept
from infra.constructs.stack import stack_of


class Topic(sns.Topic):
    """Takes messages over TLS only. Not encrypted with a key: CloudWatch and SageMaker could not publish to it."""

    def __init__(self, scope: Construct, id_: str, *, about: str) -> None:
        super().__init__(scope, id_, display_name=about, enforce_ssl=stack_of(scope).settings.tls_only)
        accept(self, "Only the embedded cloud, which has no TLS, takes requests without.", "SNS3")

    def allow_publishing(self, service: str) -> None:
        """For a service that publishes under its own name, on behalf of this account alone.

        A topic without a policy lets the whole account publish. One that is told to refuse plain HTTP has a policy, and
        CloudWatch is then refused as well, without an error that anybody would see.
        """
        self.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                resources=[self.topic_arn],
                principals=[iam.ServicePrincipal(service)],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
