"""What the deploy pipeline needs in an account: a repository for the engine's images, and a role for GitHub Actions.

GitHub signs a token for each job (OIDC), and IAM trusts those of one repository and one of its environments. So no key
of AWS lies at GitHub, and what GitHub's environment asks for (an approval, a branch) comes before any call to AWS.
"""

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs.nag import accept
from infra.constructs.stack import VitrineStack
from infra.packaging.assets import Assets
from infra.settings import Settings

GITHUB = "token.actions.githubusercontent.com"
IMAGES_KEPT = 20


class DeliveryStack(VitrineStack):
    """For `settings.github_repository`, such as `company/vitrine`."""

    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets) -> None:
        super().__init__(
            scope, "delivery", settings=settings, assets=assets, alarms=None, about="what the deploy pipeline needs"
        )
        assert settings.github_repository, "made only where there is one"
        self.engine = self._repository()
        self.role = self._role(settings.github_repository)
        CfnOutput(self, "EngineRepositoryIs", value=self.engine.repository_uri)
        CfnOutput(self, "DeployRoleIs", value=self.role.role_arn)

    def _repository(self) -> ecr.Repository:
        """Its tags cannot be moved; deployments name an image by its digest anyway."""
        return ecr.Repository(
            self,
            "Engine",
            repository_name=self.settings.named("engine"),
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            image_scan_on_push=True,
            lifecycle_rules=[ecr.LifecycleRule(max_image_count=IMAGES_KEPT)],
            removal_policy=self.data_removal,
        )

    def _role(self, repository: str) -> iam.Role:
        provider = iam.CfnOIDCProvider(self, "GitHub", url=f"https://{GITHUB}", client_id_list=["sts.amazonaws.com"])
        claims = {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:sub": f"repo:{repository}:environment:{self.settings.environment}",
        }
        trusted = iam.WebIdentityPrincipal(provider.attr_arn, {"StringEquals": claims})
        role = iam.Role(
            self,
            "Deploy",
            role_name=self.settings.named("deploy"),
            assumed_by=trusted,
            max_session_duration=Duration.hours(1),
        )
        self.engine.grant_pull_push(role)
        # The CDK's own roles do the work; they exist once the account is bootstrapped.
        account = Stack.of(self).account
        cdk_roles = f"arn:aws:iam::{account}:role/cdk-*"
        role.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[cdk_roles]))
        stacks = f"arn:aws:cloudformation:{Stack.of(self).region}:{account}:stack/{self.settings.named('*')}/*"
        role.add_to_policy(iam.PolicyStatement(actions=["cloudformation:GetTemplate"], resources=[stacks]))
        role.add_to_policy(iam.PolicyStatement(actions=["cloudformation:ListStacks"], resources=["*"]))
        why = "ECR's token and a list of stacks know no resources; CDK's roles are named by its bootstrap."
        accept(role, why, "IAM5[Resource::*]")
        for resources in (cdk_roles, stacks):
            accept(role, why, f"IAM5[Resource::{_shown(self, resources)}]")
        return role


def _shown(stack: Stack, arn: str) -> str:
    """An ARN as cdk-nag writes it: tokens by their names."""
    return arn.replace(stack.account, "<AWS::AccountId>").replace(stack.region, "<AWS::Region>")
