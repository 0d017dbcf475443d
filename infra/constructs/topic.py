"""SNS topics."""

from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.nag import accept
from infra.constructs.stack import stack_of


class Topic(sns.Topic):
    """Takes messages over TLS only. Not encrypted with a key: CloudWatch and SageMaker could not publish to it."""

    def __init__(self, scope: Construct, id_: str, *, about: str) -> None:
        super().__init__(scope, id_, display_name=about, enforce_ssl=stack_of(scope).settings.tls_only)
        accept(self, "Only the embedded cloud, which has no TLS, takes requests without.", "SNS3")
