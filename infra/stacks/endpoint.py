"""The SageMaker endpoints: `staging`, asynchronous on instances that sleep, and `qc`, serverless. Only on AWS."""

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from infra.constructs.alarm import Alarm, Runbook
from infra.constructs.nag import accept
from infra.packaging.assets import Assets
from infra.settings import Settings, SettingsError
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.names import QC, STAGING
from vitrine.capture.frames import keys

VARIANT = "main"
WAITING_PER_INSTANCE = 2
"""Photos in the queue for each instance, above which another one starts. Were it `JOBS_PER_INSTANCE`, none would."""
STAYS_HOURS = 6
"""An instance that runs for so long at a stretch costs about $2.50, and is more often forgotten than busy."""
GPU_AMI = "al2-ami-sagemaker-inference-gpu-3-1"
"""Brings NVIDIA's driver 550. Mitsuba and CUDA 12 need 535, and what SageMaker takes by default is older."""
AWAKE_S = 600
"""How long an instance stays when nothing waits: as long as it takes to wake one."""


class EndpointStack(UsingDataStack):
    """Raises `SettingsError` without an ECR image URI."""

    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets, data: DataStack) -> None:
        super().__init__(scope, "endpoint", settings=settings, assets=assets, data=data, about="the engine")
        if settings.engine.image_uri is None:
            raise SettingsError("the endpoint stack needs -c inference_image_uri=…")
        self.image_uri = settings.engine.image_uri
        self.role = self._role()
        self._staging()
        self._qc()

    def _role(self) -> iam.Role:
        role = iam.Role(self, "EngineRole", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        for statement in (*_pull(self.image_uri), *_report()):
            role.add_to_policy(statement)
        self.data.media.allow_get(role, "originals/", "inference/")
        self.data.media.allow_listing(role)
        self.data.media.allow_put(role, "inference/", keys.CAPTURE)
        self.data.inference_done.grant_publish(role)
        self.data.inference_failed.grant_publish(role)
        accept(role, "ECR's token and CloudWatch's metrics know no resources.", "IAM5[Resource::*]")
        accept(role, "SageMaker names the log streams.", f"IAM5[Resource::{_LOGS_SHOWN}]")
        return role

    def _model(self, name: str, environment: dict[str, str]) -> sagemaker.CfnModel:
        model = sagemaker.CfnModel(
            self,
            f"{name.title()}Model",
            execution_role_arn=self.role.role_arn,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=self.image_uri, environment={"AWS_DEFAULT_REGION": Aws.REGION, **environment}
            ),
        )
        model.node.add_dependency(self.role)
        return model

    def _staging(self) -> None:
        engine, media = self.settings.engine, self.data.media.bucket_name
        config = sagemaker.CfnEndpointConfig(
            self,
            "StagingConfig",
            production_variants=[
                sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=VARIANT,
                    model_name=self._model(STAGING, {}).attr_model_name,
                    instance_type=engine.staging_instance,
                    inference_ami_version=GPU_AMI if has_gpu(engine.staging_instance) else None,
                    initial_instance_count=1,
                    initial_variant_weight=1,
                )
            ],
            async_inference_config=sagemaker.CfnEndpointConfig.AsyncInferenceConfigProperty(
                client_config=sagemaker.CfnEndpointConfig.AsyncInferenceClientConfigProperty(
                    max_concurrent_invocations_per_instance=1
                ),
                output_config=sagemaker.CfnEndpointConfig.AsyncInferenceOutputConfigProperty(
                    s3_output_path=f"s3://{media}/inference/output",
                    s3_failure_path=f"s3://{media}/inference/failures",
                    notification_config=sagemaker.CfnEndpointConfig.AsyncInferenceNotificationConfigProperty(
                        success_topic=self.data.inference_done.topic_arn,
                        error_topic=self.data.inference_failed.topic_arn,
                    ),
                ),
            ),
        )
        endpoint = self._endpoint(STAGING, config)
        self._scale(endpoint)

    def _qc(self) -> None:
        engine = self.settings.engine
        config = sagemaker.CfnEndpointConfig(
            self,
            "QcConfig",
            production_variants=[
                sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=VARIANT,
                    # An empty engine makes a worker that only judges, which starts fast.
                    model_name=self._model(QC, {"VITRINE_ENGINE": ""}).attr_model_name,
                    initial_variant_weight=1,
                    serverless_config=sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
                        memory_size_in_mb=engine.qc_memory_mb, max_concurrency=engine.qc_most_at_once
                    ),
                )
            ],
        )
        self._endpoint(QC, config)

    def _endpoint(self, name: str, config: sagemaker.CfnEndpointConfig) -> sagemaker.CfnEndpoint:
        logged = logs.LogGroup(
            self,
            f"{name.title()}Logs",
            log_group_name=f"/aws/sagemaker/Endpoints/{self.settings.named(name)}",
            retention=self.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        endpoint = sagemaker.CfnEndpoint(
            self,
            f"{name.title()}Endpoint",
            endpoint_name=self.settings.named(name),
            endpoint_config_name=config.attr_endpoint_config_name,
            # A new image must not put the number of instances back to the first one.
            retain_all_variant_properties=True if name == STAGING else None,
        )
        # SageMaker would make the group itself, and keep what lies in it for ever.
        endpoint.node.add_dependency(logged)
        return endpoint

    def _scale(self, endpoint: sagemaker.CfnEndpoint) -> None:
        target = scaling.ScalableTarget(
            self,
            "StagingInstances",
            service_namespace=scaling.ServiceNamespace.SAGEMAKER,
            resource_id=f"endpoint/{self.settings.named(STAGING)}/variant/{VARIANT}",
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            min_capacity=0,
            max_capacity=self.settings.engine.staging_most_instances,
        )
        target.node.add_dependency(endpoint)
        target.scale_to_track_metric(
            "Backlog",
            custom_metric=self._metric("ApproximateBacklogSizePerInstance", cloudwatch.Stats.AVERAGE),
            target_value=WAITING_PER_INSTANCE,
            scale_in_cooldown=Duration.seconds(AWAKE_S),
            scale_out_cooldown=Duration.seconds(300),
        )
        self._wake(target)

    def _wake(self, target: scaling.ScalableTarget) -> None:
        """Backlog per instance says nothing while there is no instance; this metric says that one is needed."""
        action = scaling.StepScalingAction(
            self,
            "Wake",
            scaling_target=target,
            # Not one more: a first instance that needs longer than the cool-down would be given a second.
            adjustment_type=scaling.AdjustmentType.EXACT_CAPACITY,
            cooldown=Duration.seconds(300),
            metric_aggregation_type=scaling.MetricAggregationType.MAXIMUM,
        )
        action.add_adjustment(adjustment=1, lower_bound=0)
        alarm = cloudwatch.CfnAlarm(
            self,
            "NeedsAnInstance",
            alarm_description="A photo waits and no instance runs: wakes one, nobody needs to act",
            namespace="AWS/SageMaker",
            metric_name="HasBacklogWithoutCapacity",
            dimensions=[cloudwatch.CfnAlarm.DimensionProperty(name="EndpointName", value=self.settings.named(STAGING))],
            statistic="Maximum",
            period=60,
            evaluation_periods=1,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="missing",
            alarm_actions=[action.scaling_policy_arn],
        )
        alarm.node.add_dependency(target)
        Alarm(
            self,
            "OldestWaits",
            metric=self._metric("ApproximateAgeOfOldestRequest", cloudwatch.Stats.MAXIMUM),
            about="A photo has waited 10 minutes for the engine",
            runbook=Runbook.ENDPOINT_QUEUE,
            threshold=600,
        )
        self._watch_instances()

    def _watch_instances(self) -> None:
        Alarm(
            self,
            "InstanceStays",
            metric=cloudwatch.Metric(
                namespace="/aws/sagemaker/Endpoints",
                metric_name="CPUUtilization",
                dimensions_map={"EndpointName": self.settings.named(STAGING), "VariantName": VARIANT},
                statistic=cloudwatch.Stats.SAMPLE_COUNT,
                period=Duration.hours(1),
            ),
            datapoints=STAYS_HOURS,
            about=f"An instance of the staging endpoint has run for {STAYS_HOURS} hours without a pause",
            runbook=Runbook.INSTANCE_STAYS,
        )

    def _metric(self, name: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=name,
            dimensions_map={"EndpointName": self.settings.named(STAGING)},
            statistic=statistic,
            period=Duration.minutes(1),
        )


_LOGS = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:/aws/sagemaker/Endpoints/vitrine-*"
_LOGS_SHOWN = "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws/sagemaker/Endpoints/vitrine-*"


def has_gpu(instance_type: str) -> bool:
    """Whether a SageMaker instance, such as ml.g5.xlarge, has an NVIDIA GPU: families g and p have."""
    return instance_type.removeprefix("ml.")[:1] in ("g", "p")


def repository_arn(image_uri: str) -> str:
    """`ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG` as the ARN of its repository. Raises `SettingsError`."""
    registry, _, rest = image_uri.partition("/")
    parts = registry.split(".")
    if len(parts) < 4 or parts[1:3] != ["dkr", "ecr"] or not rest:
        raise SettingsError("inference_image_uri is not the URI of an image in ECR")
    name = rest.split("@")[0].split(":")[0]
    return f"arn:{Aws.PARTITION}:ecr:{parts[3]}:{parts[0]}:repository/{name}"


def _pull(image_uri: str) -> tuple[iam.PolicyStatement, ...]:
    return (
        iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
        iam.PolicyStatement(
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[repository_arn(image_uri)],
        ),
    )


def _report() -> tuple[iam.PolicyStatement, ...]:
    return (
        iam.PolicyStatement(
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[_LOGS],
        ),
        iam.PolicyStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/Endpoints"]}},
        ),
    )
