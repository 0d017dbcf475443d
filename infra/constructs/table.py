"""A DynamoDB table made from its schema in the kernel."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs.stack import stack_of
from vitrine.kernel.schema import TTL_ATTRIBUTE, Index, TableSchema

TEXT = dynamodb.AttributeType.STRING
READS = ("dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
CHECKS = ("dynamodb:ConditionCheckItem",)
WRITES = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem")


class Table(dynamodb.Table):
    """On demand, encrypted with a key of AWS's own, restorable to any second of the last 35 days; prod keeps it when
    its stack goes."""

    def __init__(self, scope: Construct, schema: TableSchema) -> None:
        stack = stack_of(scope)
        super().__init__(
            scope,
            f"{schema.name.title()}Table",
            partition_key=_key("pk"),
            sort_key=_key("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification={"point_in_time_recovery_enabled": True},
            time_to_live_attribute=TTL_ATTRIBUTE,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if schema.streams else None,
            deletion_protection=stack.settings.keep_data,
            removal_policy=stack.data_removal,
        )
        self.made_from = schema
        for index in schema.indexes:
            self._add(index)

    def _add(self, index: Index) -> None:
        self.add_global_secondary_index(
            index_name=index.name,
            partition_key=_key(index.partition_key),
            sort_key=_key(index.sort_key),
            projection_type=dynamodb.ProjectionType.ALL,
        )

    def allow_reads(self, grantee: iam.IGrantable) -> iam.Grant:
        """Keyed reads and condition checks in transactions; no scans."""
        return self._allow(grantee, READS + CHECKS)

    def allow_reads_and_writes(self, grantee: iam.IGrantable) -> iam.Grant:
        return self._allow(grantee, READS + CHECKS + WRITES)

    def _allow(self, grantee: iam.IGrantable, actions: tuple[str, ...]) -> iam.Grant:
        # CDK's own grants add Scan, stream reads and `index/*`, which no function of ours needs.
        indexes = [f"{self.table_arn}/index/{index.name}" for index in self.made_from.indexes]
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=list(actions), resource_arns=[self.table_arn, *indexes]
        )


def _key(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=TEXT)
