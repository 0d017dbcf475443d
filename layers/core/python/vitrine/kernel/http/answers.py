"""What every answer gets, whichever route it is of: where the thing made is found, its version, no body for HEAD."""

import json
import re
from collections.abc import Mapping
from typing import Any

from vitrine.kernel import conditional
from vitrine.kernel.http.request import Request, base_path
from vitrine.kernel.surface import Json

WITHOUT_CONTENT = frozenset({204, 304})
LOCATED = frozenset({201, 202})
UNVERSIONED = ("text/event-stream",)
"""A stream is no version of anything."""
_PARAMETER = re.compile(r"\{(\w+)\}")
_OF_BODY, _OF_PATH = "$response.body#/", "$request.path."


def complete(request: Request, answer: Json) -> Json:
    # An answer without a body has an empty one, not none: a gateway may take that for a fault.
    answer = _versioned(request, _located(request, {**answer, "body": answer.get("body") or ""}))
    return _without_content(answer) if answer["statusCode"] in WITHOUT_CONTENT else answer


def without_body(answer: Json) -> Json:
    return {**answer, "body": "", "isBase64Encoded": False}


def _without_content(answer: Json) -> Json:
    headers = {key: value for key, value in answer["headers"].items() if key.lower() != "content-type"}
    return without_body({**answer, "headers": headers})


def _located(request: Request, answer: Json) -> Json:
    """`Location` (RFC 9110 section 10.2.2) by the first GET that the route leads to, for a replay too.

    It is a path, so that it holds behind whatever host name the client used.
    """
    target = request.policy.location
    if answer["statusCode"] not in LOCATED or target is None:
        return answer
    path, where = target
    body = json.loads(answer["body"])
    known = {name: _value(expression, body, request) for name, expression in where.items()}
    filled = _PARAMETER.sub(lambda found: known[found[1]], path)
    return {**answer, "headers": {**answer["headers"], "Location": base_path(request.event) + filled}}


def _value(expression: str, body: Mapping[str, Any], request: Request) -> str:
    """What an OpenAPI runtime expression stands for; the two kinds that routes use."""
    if expression.startswith(_OF_BODY):
        return str(body[expression.removeprefix(_OF_BODY)])
    return request.path_parameters[expression.removeprefix(_OF_PATH)]


def _versioned(request: Request, answer: Json) -> Json:
    """An ETag for what was read, and 304 for who has that version."""
    if request.method != "GET" or answer["statusCode"] != 200 or _media_type(answer).startswith(UNVERSIONED):
        return answer
    tag = conditional.validator(answer["body"], request.now)
    headers = {**answer["headers"], "ETag": tag}
    unchanged = conditional.is_known(request.header("if-none-match"), tag)
    return {**answer, "statusCode": 304 if unchanged else 200, "headers": headers}


def _media_type(answer: Json) -> str:
    return str(answer["headers"].get("Content-Type", "")).partition(";")[0]
