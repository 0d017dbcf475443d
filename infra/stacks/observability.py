"""What people look at, and what calls them: two dashboards and the alarms that belong to no single resource."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.constructs.alarm import Alarm, Runbook, Severity
from infra.constructs.table import Table
from infra.packaging.assets import Assets
from infra.settings import Settings
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.names import FRAMES, INGEST, WEBHOOK, machine_arn
from vitrine.kernel import metrics
from vitrine.kinds_of_work import KINDS
from vitrine.work.kinds import Kind

FIVE_MINUTES = Duration.minutes(5)
DAY = Duration.days(1)
STATES = {
    "queued": metrics.JOBS_QUEUED,
    "started": metrics.JOBS_STARTED,
    "ready": metrics.JOBS_COMPLETED,
    "error": metrics.JOBS_FAILED,
    "cancelled": metrics.JOBS_CANCELLED,
}
MAY_WORK_S = KINDS.longest_at_work.total_seconds()
OLDEST_JOB_S = MAY_WORK_S + 900
"""The sweeper ends a job that worked for longer than its kind may. One that stays open met a sweeper in trouble."""
MANY_WAITING = 500
"""Waiting for a quarter of an hour: a batch of that size alone is no reason to get up, as long as the queue moves."""
MANY_FAILED = 10
"""Within an hour. Some photos cannot be staged, and say so; an engine that is down fails all."""


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
        self._alarms()

    def _business(self) -> None:
        self._dashboard(
            "Business",
            [
                _graph(
                    "Jobs waiting and at work", [_found(metrics.JOBS_WAITING), _found(metrics.JOBS_AT_WORK)], width=12
                ),
                _graph("Age of the oldest job (s)", [_oldest()], width=12),
            ],
            *(_of_kind(kind) for kind in _at_work()),
            [
                _graph(
                    "Requests by outcome",
                    [_all(f"{metrics.NAMESPACE},{metrics.SURFACE},{metrics.OUTCOME}", metrics.REQUESTS)],
                    width=24,
                )
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
                _graph("Lambda in this account", [_lambda("Throttles"), _lambda("ConcurrentExecutions")], width=12),
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

    def _alarms(self) -> None:
        Alarm(
            self,
            "OldJob",
            runbook=Runbook.OLD_JOB,
            severity=Severity.PAGE,
            metric=_oldest(),
            threshold=OLDEST_JOB_S,
            datapoints=3,
            about=f"A job could be worked on for {OLDEST_JOB_S / 60:.0f} minutes and is not over: the sweeper, which "
            f"ends jobs after {MAY_WORK_S / 60:.0f}, did not end it",
        )
        for kind in _at_work():
            Alarm(
                self,
                f"Many{kind.name.title()}Fail",
                runbook=Runbook.MANY_JOBS_FAIL,
                severity=Severity.PAGE,
                metric=_job_metric(kind, metrics.JOBS_FAILED, Duration.hours(1)),
                threshold=MANY_FAILED,
                about=f"Many {kind.name} jobs failed within an hour; the business dashboard has their share",
            )
        Alarm(
            self,
            "NotRecovered",
            runbook=Runbook.JOBS_NOT_RECOVERED,
            metric=_found(metrics.JOBS_NOT_RECOVERED),
            datapoints=2,
            about="The sweeper finds jobs that it can neither start nor end, such as those of an undeclared kind; "
            "its log names them",
        )
        Alarm(
            self,
            "LambdaThrottles",
            runbook=Runbook.LAMBDA_THROTTLES,
            severity=Severity.PAGE,
            metric=_lambda("Throttles"),
            about="Lambda refused invocations: the account's concurrency, or a function's share of it, is used up",
        )
        Alarm(
            self,
            "SweepNotReporting",
            runbook=Runbook.SWEEP_NOT_REPORTING,
            severity=Severity.PAGE,
            metric=_oldest(cloudwatch.Stats.SAMPLE_COUNT),
            datapoints=3,
            unless=True,
            about="The sweeper has not reported for 15 minutes: nothing ends jobs that are stuck",
        )
        Alarm(
            self,
            "EndpointOut",
            runbook=Runbook.ENDPOINT_OUT,
            severity=Severity.PAGE,
            metric=_found(metrics.ENDPOINT_OUT_OF_SERVICE),
            datapoints=2,
            about="The sweeper finds the staging endpoint out of service, or its control plane silent; health says so",
        )
        Alarm(
            self,
            "LongQueue",
            runbook=Runbook.LONG_QUEUE,
            metric=_found(metrics.JOBS_WAITING),
            threshold=MANY_WAITING,
            datapoints=3,
            about=f"More than {MANY_WAITING} jobs wait for a slot for 15 minutes: raise the endpoint's "
            "instances (`staging_most_instances`), or find out why nothing ends",
        )
        Alarm(
            self,
            "PicturesOverdue",
            runbook=Runbook.PICTURES_OVERDUE,
            metric=_found(metrics.PICTURES_OVERDUE, Duration.hours(1)),
            datapoints=3,
            about="Pictures that were promised to be deleted by now are still there, three times: the function's "
            "log says whether it could not, or had too many",
        )
        Alarm(
            self,
            "PaidButNotCredited",
            runbook=Runbook.PAID_BUT_NOT_CREDITED,
            severity=Severity.PAGE,
            metric=_counted(metrics.STRIPE_EVENTS_FLAGGED),
            about="Money came and no account was credited: look for items in state `flagged` in the billing table",
        )
        for table in self.data.tables:
            self._watch_throttles(table)

    def _watch_throttles(self, table: Table) -> None:
        """On demand tables throttle above twice their last peak, and above 1,000 writes a second to one partition."""
        name = table.made_from.name
        for kind in ("Read", "Write"):
            Alarm(
                self,
                f"{name.title()}{kind}Throttles",
                runbook=Runbook.TABLE_THROTTLES,
                metric=_throttled(kind, table),
                about=f"DynamoDB throttled {kind.lower()}s of the table {name}",
            )
        # Nobody waits for reads of an index; writes that it cannot take are refused by its table.
        for index in table.made_from.indexes:
            Alarm(
                self,
                f"{name.title()}{index.name.title().replace('_', '')}Throttles",
                runbook=Runbook.TABLE_THROTTLES,
                metric=_throttled("Write", table, GlobalSecondaryIndexName=index.name),
                about=f"DynamoDB throttled writes to the index {index.name}, and so to its table {name}",
            )


def _at_work() -> list[Kind]:
    """The kinds that the engine works on: what people look at one by one."""
    return [kind for kind in KINDS if kind.takes_slot]


def _of_kind(kind: Kind) -> list[cloudwatch.IWidget]:
    """How jobs of a kind end, and what they take."""
    return [
        _graph(f"Per state: {kind.name}", [_jobs(kind, label, name) for label, name in STATES.items()], width=6),
        _graph(f"Success rate (%): {kind.name}", [_success_rate(kind), _success_rate(kind, DAY)], width=6),
        _graph(f"Processing time (ms): {kind.name}", _spread(kind, metrics.PROCESSING_TIME, "Average"), width=6),
        _graph(f"Time to the end (ms): {kind.name}", _spread(kind, metrics.TIME_TO_STAGED, "p50"), width=6),
    ]


def _job_metric(kind: Kind, name: str, period: Duration = FIVE_MINUTES) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=metrics.NAMESPACE,
        metric_name=name,
        dimensions_map={metrics.KIND: kind.name},
        statistic=cloudwatch.Stats.SUM,
        period=period,
    )


def _jobs(kind: Kind, label: str, name: str) -> cloudwatch.Metric:
    return _job_metric(kind, name).with_(label=label)


def _success_rate(kind: Kind, period: Duration = FIVE_MINUTES) -> cloudwatch.MathExpression:
    """Per cent of the jobs that ended; nothing where none did."""
    ended = {"ready": metrics.JOBS_COMPLETED, "error": metrics.JOBS_FAILED}
    hours = period.to_human_string().replace(" ", "")
    return cloudwatch.MathExpression(
        expression=f"IF(ready{hours} + error{hours} > 0, 100 * ready{hours} / (ready{hours} + error{hours}))",
        using_metrics={f"{label}{hours}": _job_metric(kind, name, period) for label, name in ended.items()},
        period=period,
        label=f"ready, of those that ended in {period.to_human_string()}",
    )


def _spread(kind: Kind, name: str, middle: str) -> list[cloudwatch.IMetric]:
    """The middle and the slow ones."""
    return [_jobs(kind, part, name).with_(statistic=part) for part in (middle, "p90", "p99")]


def _found(name: str, period: Duration = FIVE_MINUTES) -> cloudwatch.Metric:
    """What a schedule reports."""
    return _counted(name).with_(statistic=cloudwatch.Stats.MAXIMUM, period=period)


def _oldest(statistic: str = cloudwatch.Stats.MAXIMUM) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=metrics.NAMESPACE,
        metric_name=metrics.OLDEST_JOB_AGE,
        statistic=statistic,
        period=FIVE_MINUTES,
    )


def _counted(name: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=metrics.NAMESPACE, metric_name=name, statistic=cloudwatch.Stats.SUM, period=FIVE_MINUTES
    )


def _throttled(kind: str, table: Table, **index: str) -> cloudwatch.Metric:
    # ThrottledRequests would say it as well, but for each operation apart.
    return cloudwatch.Metric(
        namespace="AWS/DynamoDB",
        metric_name=f"{kind}ThrottleEvents",
        dimensions_map={"TableName": table.table_name, **index},
        statistic=cloudwatch.Stats.SUM,
        period=FIVE_MINUTES,
    )


def _lambda(name: str) -> cloudwatch.Metric:
    statistic = cloudwatch.Stats.SUM if name == "Throttles" else cloudwatch.Stats.MAXIMUM
    return cloudwatch.Metric(namespace="AWS/Lambda", metric_name=name, statistic=statistic, period=FIVE_MINUTES)


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
