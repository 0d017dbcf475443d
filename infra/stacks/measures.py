"""The metrics that dashboards show and alarms watch."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.constructs.table import Table
from vitrine.kernel import metrics
from vitrine.kinds_of_work import KINDS
from vitrine.work.kinds import Kind

FIVE_MINUTES = Duration.minutes(5)


def at_work() -> list[Kind]:
    """The kinds that the engine works on: what people look at one by one."""
    return [kind for kind in KINDS if kind.takes_slot]


def of_jobs(kind: Kind, name: str, period: Duration = FIVE_MINUTES) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=metrics.NAMESPACE,
        metric_name=name,
        dimensions_map={metrics.KIND: kind.name},
        statistic=cloudwatch.Stats.SUM,
        period=period,
    )


def found(name: str, period: Duration = FIVE_MINUTES) -> cloudwatch.Metric:
    """What a schedule reports."""
    return counted(name).with_(statistic=cloudwatch.Stats.MAXIMUM, period=period)


def oldest(statistic: str = cloudwatch.Stats.MAXIMUM) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=metrics.NAMESPACE,
        metric_name=metrics.OLDEST_JOB_AGE,
        statistic=statistic,
        period=FIVE_MINUTES,
    )


def counted(name: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=metrics.NAMESPACE, metric_name=name, statistic=cloudwatch.Stats.SUM, period=FIVE_MINUTES
    )


def throttles(kind: str, table: Table, **index: str) -> cloudwatch.Metric:
    # ThrottledRequests would say it as well, but for each operation apart.
    return cloudwatch.Metric(
        namespace="AWS/DynamoDB",
        metric_name=f"{kind}ThrottleEvents",
        dimensions_map={"TableName": table.table_name, **index},
        statistic=cloudwatch.Stats.SUM,
        period=FIVE_MINUTES,
    )


def of_account(name: str) -> cloudwatch.Metric:
    statistic = cloudwatch.Stats.SUM if name == "Throttles" else cloudwatch.Stats.MAXIMUM
    return cloudwatch.Metric(namespace="AWS/Lambda", metric_name=name, statistic=statistic, period=FIVE_MINUTES)
