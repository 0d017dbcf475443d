"""State "Judge the picture": publish it, try another seed, or refuse."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.contracts.inference import StageResult
from vitrine.kernel.environment import InferenceEndpoint
from vitrine.kernel.observability import logger
from vitrine.staging import rules
from vitrine.staging.models import Attempt, Judgement

FLOORS = InferenceEndpoint.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    attempt = Attempt.model_validate(event)
    result = StageResult.model_validate(event["result"])
    decision, reason = rules.judge(result, attempt.attempt, FLOORS)
    logger.info("picture judged", job_id=attempt.job_id, attempt=attempt.attempt, decision=decision.value)
    return Judgement(
        **attempt.model_dump(), decision=decision, next_attempt=attempt.attempt + 1, reason=reason, result=result
    ).model_dump(mode="json")
