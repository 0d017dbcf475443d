"""The base of our stacks: what each construct finds through the stack that it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CliCredentialsStackSynthesizer, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from infra.packaging.assets import Asset, Assets
from infra.settings import Settings

if TYPE_CHECKING:
    from infra.constructs.alarm import AlarmTopics

RETENTION = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    180: logs.RetentionDays.SIX_MONTHS,
}


class VitrineStack(Stack):
    """Knows the settings, the packages and where alarms go. Makes its own version of every layer it uses."""

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, assets: Assets, alarms: AlarmTopics | None, about: str
    ) -> None:
        super().__init__(
            scope,
            settings.named(name),
            description=f"Vitrine, {settings.environment}: {about}",
            analytics_reporting=False,
            termination_protection=settings.protect_stacks,
            env={"account": settings.account, "region": settings.region},
            # The embedded cloud has no bootstrap roles to assume: the CLI uses the credentials that it has.
            synthesizer=CliCredentialsStackSynthesizer() if settings.local else None,
        )
        self.settings = settings
        self.packages = assets if self.bundling_required else assets.markers
        self.alarms = alarms
        self.function_names: list[str] = []
        self._layers: dict[str, lambda_.LayerVersion] = {}

    @property
    def part(self) -> str:
        """What the stack is within its environment, such as `pipeline`."""
        return self.node.id.removeprefix(self.settings.named(""))

    @property
    def runtime(self) -> lambda_.Runtime:
        return lambda_.Runtime(f"python{self.packages.target.python}", lambda_.RuntimeFamily.PYTHON)

    @property
    def architecture(self) -> lambda_.Architecture:
        arm = self.packages.target.architecture == "arm64"
        return lambda_.Architecture.ARM_64 if arm else lambda_.Architecture.X86_64

    @property
    def data_removal(self) -> RemovalPolicy:
        # On create they go with what failed: a first deployment that fails half way could not be tried again, since the
        # names would be taken.
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.settings.keep_data else RemovalPolicy.DESTROY

    @property
    def log_retention(self) -> logs.RetentionDays:
        return RETENTION[self.settings.log_days]

    def layer(self, name: str) -> lambda_.LayerVersion:
        if name not in self._layers:
            self._layers[name] = lambda_.LayerVersion(
                self,
                f"Layer{name.title()}",
                code=code(self.packages.layer(name)),
                layer_version_name=self.settings.named(f"{name}-for-{self.part}"),
                compatible_runtimes=[self.runtime],
                compatible_architectures=[self.architecture],
            )
        return self._layers[name]


def code(asset: Asset) -> lambda_.AssetCode:
    return lambda_.Code.from_asset(str(asset.path), asset_hash=asset.key)


def stack_of(scope: IConstruct) -> VitrineStack:
    stack = Stack.of(scope)
    if not isinstance(stack, VitrineStack):
        raise TypeError(f"{stack.node.path} is not a VitrineStack")
    return stack
