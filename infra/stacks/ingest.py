"""The state machine `ingest`: input is the event that S3 sent, output a verdict on the asset."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.machine import retry_lambda, task


def definition(scope: Construct, *, inspect: lambda_.IFunction, record: lambda_.IFunction) -> sfn.IChainable:
    looked = task(scope, "Inspect the upload", inspect)
    recorded = task(scope, "Record what was found", record)
    failed = task(scope, "Record the failure", record, keep="$.recorded")
    for state in (looked, recorded, failed):
        retry_lambda(state, sfn.Errors.TIMEOUT, "StorageUnavailable")
    for state in (looked, recorded):
        state.add_catch(failed, errors=[sfn.Errors.ALL], result_path="$.failure")
    failed.next(sfn.Fail(scope, "Inspection failed", error="InspectionFailed", cause="See the task that failed."))
    return looked.next(recorded).next(_answer(scope))


def _answer(scope: Construct) -> sfn.Choice:
    # A photo that is refused is an answer, not a failure: both ends succeed.
    return (
        sfn.Choice(scope, "Is it a usable photo?")
        .when(
            sfn.Condition.string_equals("$.verdict", "accepted"),
            sfn.Succeed(scope, "Upload accepted"),
        )
        .otherwise(sfn.Succeed(scope, "Upload rejected"))
    )
