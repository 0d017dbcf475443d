"""A Lambda function called while somebody waits for its answer."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.kernel import clients
from vitrine.kernel.observability import logger


class NoAnswer(Exception):
    """The function was not reached, ended with an error, or is not done yet: it goes on then, and nobody hears of it.

    What it does must bear being done twice.
    """


def ask(arn: str, given: Mapping[str, Any]) -> Any:
    """The function's answer, within `clients.ANSWER_WITHIN_S`. It is called once: whoever waits decides whether to
    call again. Raises `NoAnswer`."""
    try:
        answer = clients.functions().invoke(FunctionName=arn, Payload=json.dumps(given).encode())
        said = json.loads(answer["Payload"].read())
    except (ClientError, BotoCoreError) as error:
        logger.warning("a function gave no answer", function=arn, reason=type(error).__name__)
        raise NoAnswer from error
    if "FunctionError" in answer:
        logger.warning("a function failed", function=arn)
        raise NoAnswer
    return said
