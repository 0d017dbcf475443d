"""Alarms that tell the environment's topic."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from infra.constructs.stack import stack_of

FROM = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
MISSING = cloudwatch.TreatMissingData


class Alarm(cloudwatch.Alarm):
    """In alarm from `threshold` upwards, once `datapoints` periods in a row say so. No data is no alarm.

    `unless` turns it round: in alarm below the threshold, and when there is no data.
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
        if topic := stack_of(scope).alarms:
            self.add_alarm_action(actions.SnsAction(topic))
