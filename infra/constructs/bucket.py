"""Buckets that hold people's photos."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.nag import accept, shown
from infra.constructs.stack import stack_of

Grantee = lambda_.Function | iam.Role


class PhotoBucket(s3.Bucket):
    """Private, encrypted, TLS only; with versions, so that an overwritten or deleted photo can be had back, if kept."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        expire: dict[str, int] | None = None,
        uploads_from: Sequence[str] = (),
        announce: bool = False,
    ) -> None:
        stack = stack_of(scope)
        super().__init__(
            scope,
            id_,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=stack.settings.tls_only,
            versioned=stack.settings.keep_data,
            lifecycle_rules=[_tidy(), *(_expire(prefix, days) for prefix, days in (expire or {}).items())],
            cors=[_browser_uploads(uploads_from)] if uploads_from else None,
            removal_policy=stack.data_removal,
        )
        if announce:
            self._announce()

    def _announce(self) -> None:
        # The property `event_bridge_enabled` would deploy a Lambda of CDK's own to set what one line can say.
        bucket = self.node.default_child
        assert isinstance(bucket, s3.CfnBucket)
        bucket.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )

    def allow_get(self, grantee: Grantee, *prefixes: str) -> None:
        """Read objects, also by URLs that the grantee signs for others."""
        self._allow(grantee, ["s3:GetObject"], prefixes)

    def allow_listing(self, grantee: Grantee) -> None:
        """Without this S3 answers 403, not 404, for an object that is not there."""
        iam.Grant.add_to_principal(grantee=grantee, actions=["s3:ListBucket"], resource_arns=[self.bucket_arn])

    def allow_put(self, grantee: Grantee, *prefixes: str) -> None:
        self._allow(grantee, ["s3:PutObject"], prefixes)

    def allow_deletion(self, grantee: Grantee, *prefixes: str) -> None:
        """Find and delete objects with all their versions."""
        arns = [self.bucket_arn]
        iam.Grant.add_to_principal(grantee=grantee, actions=["s3:ListBucketVersions"], resource_arns=arns)
        self._allow(grantee, ["s3:DeleteObject", "s3:DeleteObjectVersion"], prefixes)

    def _allow(self, grantee: Grantee, actions: list[str], prefixes: Sequence[str]) -> None:
        arns = [self.arn_for_objects(f"{prefix}*") for prefix in prefixes]
        iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=arns)
        for prefix in prefixes:
            finding = f"IAM5[Resource::{shown(self, grantee)}/{prefix}*]"
            accept(grantee, "Keys are made at run time; the prefix is all that is known.", finding)


def _tidy() -> s3.LifecycleRule:
    return s3.LifecycleRule(
        abort_incomplete_multipart_upload_after=Duration.days(1),
        noncurrent_version_expiration=Duration.days(30),
    )


def _expire(prefix: str, days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(prefix=prefix, expiration=Duration.days(days))


def _browser_uploads(origins: Sequence[str]) -> s3.CorsRule:
    return s3.CorsRule(
        allowed_origins=list(origins),
        allowed_methods=[s3.HttpMethods.PUT, s3.HttpMethods.GET],
        allowed_headers=["*"],
        exposed_headers=["ETag"],
        max_age=3600,
    )
