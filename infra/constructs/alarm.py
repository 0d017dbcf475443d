"""Alarms: each says how urgent it is, and which runbook tells what to do."""

from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.stack import stack_of

FROM = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
MISSING = cloudwatch.TreatMissingData


class Severity(StrEnum):
    """PAGE: somebody gets up, since clients notice it or money is at stake. WARN: somebody looks on the next day."""

    PAGE = "page"
    WARN = "warn"


class Runbook(StrEnum):
    """What to do about an alarm: `infra/runbooks/NAME.md`."""

    API_ANSWERS_5XX = "api-answers-5xx"
    API_SLOW = "api-slow"
    CONCURRENCY_NEAR_QUOTA = "concurrency-near-quota"
    DEAD_LETTERS = "dead-letters"
    ENDPOINT_OUT = "endpoint-out"
    ENDPOINT_QUEUE = "endpoint-queue"
    EVENTS_LATE = "events-late"
    FUNCTION_FAILS = "function-fails"
    INSTANCE_STAYS = "instance-stays"
    JOBS_NOT_RECOVERED = "jobs-not-recovered"
    LAMBDA_THROTTLES = "lambda-throttles"
    LONG_QUEUE = "long-queue"
    MACHINE_FAILS = "machine-fails"
    MANY_JOBS_FAIL = "many-jobs-fail"
    NEW_VERSION_FAILS = "new-version-fails"
    NOTHING_ENDS = "nothing-ends"
    OLD_JOB = "old-job"
    PAID_BUT_NOT_CREDITED = "paid-but-not-credited"
    PICTURES_OVERDUE = "pictures-overdue"
    SWEEP_NOT_REPORTING = "sweep-not-reporting"
    TABLE_THROTTLES = "table-throttles"


@dataclass(frozen=True)
class AlarmTopics:
    """Where alarms go, by how urgent they are."""

    page: sns.ITopic
    warn: sns.ITopic

    def of(self, severity: Severity) -> sns.ITopic:
        return self.page if severity is Severity.PAGE else self.warn


class Condition(cloudwatch.Alarm):
    """On from `threshold` upwards, once `datapoints` periods in a row say so; no data is none. Tells nobody by itself.

    `unless` turns it round: on below the threshold, and when there is no data.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        metric: cloudwatch.IMetric,
        about: str,
        threshold: float = 1,
        datapoints: int = 1,
        unless: bool = False,
    ) -> None:
        super().__init__(
            scope,
            id_,
            metric=metric,
            threshold=threshold,
            evaluation_periods=datapoints,
            comparison_operator=BELOW if unless else FROM,
            treat_missing_data=MISSING.BREACHING if unless else MISSING.NOT_BREACHING,
            alarm_description=about,
        )


class Alarm(Condition):
    """A condition whose topic hears of it and of its end."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        metric: cloudwatch.IMetric,
        about: str,
        runbook: Runbook,
        severity: Severity = Severity.WARN,
        threshold: float = 1,
        datapoints: int = 1,
        unless: bool = False,
    ) -> None:
        super().__init__(
            scope,
            id_,
            metric=metric,
            about=described(scope, severity, about, runbook),
            threshold=threshold,
            datapoints=datapoints,
            unless=unless,
        )
        tell(self, severity)


def tell(alarm: cloudwatch.AlarmBase, severity: Severity) -> None:
    """Of the alarm, and of its end."""
    if topics := stack_of(alarm).alarms:
        action = actions.SnsAction(topics.of(severity))
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)


def described(scope: Construct, severity: Severity, about: str, runbook: Runbook) -> str:
    return f"{severity.upper()}: {about}. What to do: {stack_of(scope).settings.runbooks_at}/{runbook}.md"
