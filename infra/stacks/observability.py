"""What people look at, and what calls them: two dashboards, and the alarms of `alarms.py`."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.packaging.assets import Assets
from infra.settings import Settings
from infra.stacks import alarms
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.measures import FIVE_MINUTES, at_work, found, of_account, of_jobs, oldest
from infra.stacks.names import FRAMES, INGEST, WEBHOOK, machine_arn
from vitrine.kernel import metrics
from vitrine.kinds_of_work import KINDS
from vitrine.work.kinds import Kind

DAY = Duration.days(1)
STATES = {
    "queued": metrics.JOBS_QUEUED,
    "started": metrics.JOBS_STARTED,
    "ready": metrics.JOBS_COMPLETED,
    "error": metrics.JOBS_FAILED,
    "cancelled": metrics.JOBS_CANCELLED,
}


class ObservabilityStack(UsingDataStack):
    def __init__(
        self,
        scope: Construct,
        *,
        settings: Settings,
        assets: Assets,
        data: DataStack,
        functions: Sequence[str],
    ) -> None:
        super().__init__(
            scope, "observability", settings=settings, assets=assets, data=data, about="dashboards and alarms"
        )
        self.functions = tuple(functions)
        self._business()
        self._system()
        alarms.add(self)

    def _business(self) -> None:
        self._dashboard(
            "Business",
            [
                _graph(
                    "Jobs waiting and at work", [found(metrics.JOBS_WAITING), found(metrics.JOBS_AT_WORK)], width=12
                ),
                _graph("Age of the oldest job (s)", [oldest()], width=12),
            ],
            *(_of_kind(kind) for kind in at_work()),
            # Of the others only how they end: with more, the dashboard would be none of the free ones.
            [_states(kind, width=12) for kind in KINDS if not kind.takes_slot],
            [
                _graph(
                    "Requests by outcome",
                    [_all(f"{metrics.NAMESPACE},{metrics.SURFACE},{metrics.OUTCOME}", metrics.REQUESTS)],
                    width=12,
                ),
                _graph(
                    "Our own time per request, p99 (ms)",
                    [_all(f"{metrics.NAMESPACE},{metrics.SURFACE}", metrics.LATENCY, statistic="p99")],
                    width=12,
                ),
                _graph(
                    "Sets in which people overrule a check (% of the last 50, the highest of all organisations)",
                    [_all(f"{metrics.NAMESPACE},{metrics.CHECK}", metrics.OVERRULE_RATE, statistic="Maximum")],
                    width=12,
                ),
            ],
        )

    def _system(self) -> None:
        prefix = self.settings.named("")
        self._dashboard(
            "System",
            [
                _graph("Errors per function", self._per_function("Errors", cloudwatch.Stats.SUM), width=12),
                _graph("Duration per function, p99 (ms)", self._per_function("Duration", "p99"), width=12),
            ],
            [
                _graph(
                    "Lambda in this account", [of_account("Throttles"), of_account("ConcurrentExecutions")], width=12
                ),
                _graph("Executions", self._executions(), width=12),
            ],
            [
                _graph(
                    "Dead letters", [_all("AWS/SQS,QueueName", "ApproximateNumberOfMessagesVisible", prefix)], width=8
                ),
                _graph(
                    "DynamoDB throttles",
                    [_all("AWS/DynamoDB,TableName,Operation", "ThrottledRequests", prefix)],
                    width=8,
                ),
                _graph("HTTP APIs, p99 (ms)", [_all("AWS/ApiGateway,ApiId", "Latency", statistic="p99")], width=8),
            ],
            [
                _graph(
                    "Stored (bytes)",
                    [_all("AWS/S3,BucketName,StorageType", "BucketSizeBytes", prefix, statistic="Average")],
                    width=24,
                )
            ],
        )

    def _dashboard(self, name: str, *rows: list[cloudwatch.IWidget]) -> None:
        cloudwatch.Dashboard(
            self,
            name,
            dashboard_name=self.settings.named(name.lower()),
            widgets=list(rows),
            default_interval=Duration.days(1),
        )

    def _per_function(self, name: str, statistic: str) -> list[cloudwatch.IMetric]:
        return [
            cloudwatch.Metric(
                namespace="AWS/Lambda",
                metric_name=name,
                dimensions_map={"FunctionName": function},
                statistic=statistic,
                label=function,
            )
            for function in self.functions
        ]

    def _executions(self) -> list[cloudwatch.IMetric]:
        return [
            cloudwatch.Metric(
                namespace="AWS/States",
                metric_name=name,
                dimensions_map={"StateMachineArn": machine_arn(self, self.settings, machine)},
                statistic=cloudwatch.Stats.SUM,
                label=f"{machine}: {name}",
            )
            for machine in (INGEST, FRAMES, *(kind.machine for kind in KINDS), WEBHOOK)
            for name in ("ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")
        ]


def _of_kind(kind: Kind) -> list[cloudwatch.IWidget]:
    """How jobs of a kind end, and what they take."""
    return [
        _states(kind, width=6),
        _graph(f"Success rate (%): {kind.name}", [_success_rate(kind), _success_rate(kind, DAY)], width=6),
        _graph(f"Processing time (ms): {kind.name}", _spread(kind, metrics.PROCESSING_TIME, "Average"), width=6),
        _graph(f"Time to the end (ms): {kind.name}", _spread(kind, metrics.TIME_TO_STAGED, "p50"), width=6),
    ]


def _states(kind: Kind, *, width: int) -> cloudwatch.GraphWidget:
    return _graph(f"Per state: {kind.name}", [_jobs(kind, label, name) for label, name in STATES.items()], width=width)


def _jobs(kind: Kind, label: str, name: str) -> cloudwatch.Metric:
    return of_jobs(kind, name).with_(label=label)


def _success_rate(kind: Kind, period: Duration = FIVE_MINUTES) -> cloudwatch.MathExpression:
    """Per cent of the jobs that ended; nothing where none did."""
    ended = {"ready": metrics.JOBS_COMPLETED, "error": metrics.JOBS_FAILED}
    hours = period.to_human_string().replace(" ", "")
    return cloudwatch.MathExpression(
        expression=f"IF(ready{hours} + error{hours} > 0, 100 * ready{hours} / (ready{hours} + error{hours}))",
        using_metrics={f"{label}{hours}": of_jobs(kind, name, period) for label, name in ended.items()},
        period=period,
        label=f"ready, of those that ended in {period.to_human_string()}",
    )


def _spread(kind: Kind, name: str, middle: str) -> list[cloudwatch.IMetric]:
    """The middle and the slow ones."""
    return [_jobs(kind, part, name).with_(statistic=part) for part in (middle, "p90", "p99")]


def _all(schema: str, name: str, among: str = "", statistic: str = "Sum") -> cloudwatch.MathExpression:
    """A line for every metric of that name and dimensions, whatever their values turn out to be."""
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{{{schema}}} MetricName=\"{name}\" {among}', '{statistic}')",
        using_metrics={},
        period=FIVE_MINUTES,
        label="",
    )


def _graph(title: str, lines: Sequence[cloudwatch.IMetric], *, width: int) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(lines), width=width, height=6)
