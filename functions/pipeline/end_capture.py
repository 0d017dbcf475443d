"""State "End the job" of the machines of vehicles' captures: `end_job` with a role that moves no money."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.pipeline import end_job


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    return end_job.handler(event, context)
