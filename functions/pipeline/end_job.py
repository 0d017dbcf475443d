"""State "End the job and refund": what every failure and refusal of a state machine leads to, of every kind."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.clock import utc_now
from vitrine.kinds_of_work import KINDS
from vitrine.work import ending


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    return ending.of_execution(event, KINDS, utc_now())
