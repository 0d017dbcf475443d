"""A function's own handler in a process that dies once, at a chosen moment: as when Lambda loses a sandbox.

Journeys add this module to a deployed function's zip, with `dying_plan.json` beside it. It runs in Lambda, so it knows
nothing but boto3. The death is claimed in a table first, together with the event, so that exactly one process dies and
the journey can deliver the event again where AWS would and the emulator does not.
"""

import importlib
import json
import os
from pathlib import Path
from typing import Any

import boto3
import botocore.handlers

PLAN: dict[str, str] = json.loads(Path(__file__).with_name("dying_plan.json").read_text())

_dying: list[Any] = []


def _at(moment: str) -> None:
    if moment == PLAN["moment"] and _dying and _claim(_dying.pop()):
        os._exit(1)


def _claim(event: Any) -> bool:
    """False when another process, or an earlier try, has died of this plan already."""
    table = boto3.client(
        "dynamodb", aws_access_key_id=PLAN["key_id"], aws_secret_access_key=PLAN["secret"], aws_session_token=None
    )
    item = {"pk": {"S": PLAN["mark"]}, "sk": {"S": "DEATH"}, "event": {"S": json.dumps(event)}}
    try:
        table.put_item(TableName=PLAN["table"], Item=item, ConditionExpression="attribute_not_exists(pk)")
    except table.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _before(model: Any, **_: Any) -> None:
    _at(f"before {model.name}")


def _after(model: Any, http_response: Any, **_: Any) -> None:
    if http_response.status_code < 300:
        _at(f"after {model.name}")


# Every client that the function builds from here on calls these around each request.
botocore.handlers.BUILTIN_HANDLERS.extend([("before-call", _before), ("after-call", _after)])
_module, _, _name = PLAN["handler"].rpartition(".")
_real = getattr(importlib.import_module(_module), _name)


def handler(event: Any, context: Any) -> Any:
    _dying[:] = [event] if PLAN["only"] in json.dumps(event) else []
    answer = _real(event, context)
    _at("at the end")
    return answer
