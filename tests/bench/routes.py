"""`GET /api/v1/images/{id}`, ours and written for FastAPI + Mangum + boto3, without a network: DynamoDB's answers are
canned at botocore's `before-send`, so both pay for serialising, signing and parsing, and neither waits.

Run as `python -m tests.bench.routes ours|fastapi`: prints, as JSON, the CPU milliseconds of a warm request and of the
process up to its first answer.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

WARM = 200
IMAGE = "img_01hx0000000000000000000000"
TENANT = os.environ.get("BENCH_TENANT", "")


def job_item() -> dict[str, Any]:
    at = datetime(2026, 11, 20, tzinfo=UTC).isoformat()
    body = {
        "id": IMAGE,
        "tenant": TENANT,
        "kind": "stage",
        "state": "processing",
        "version": 2,
        "subject": "prj_a",
        "asset_id": "ast_a",
        "credits": 1,
        "input": {
            "surface": "realstaging",
            "photo_key": "uploads/a/b/room.jpg",
            "room_type": None,
            "style": "scandinavian",
            "seed": 7,
            "quality": "standard",
        },
        "created_at": at,
        "updated_at": at,
        "deadline": (datetime(2026, 11, 21, tzinfo=UTC) + timedelta(days=9000)).isoformat(),
    }
    item = {"pk": f"{TENANT}#{IMAGE}", "sk": "JOB", "kind": "JOB", "state": "processing", "body": json.dumps(body)}
    return {**{key: {"S": value} for key, value in item.items()}, "version": {"N": "2"}}


def account_item() -> dict[str, Any]:
    texts = {"pk": TENANT, "sk": "ACCOUNT", "kind": "ACCOUNT", "stripe": "{}", "opened_at": "2026-11-20T00:00:00.000Z"}
    numbers = {"granted": "10", "available": "9", "held": "1", "spent": "0", "version": "1"}
    return {**{key: {"S": value} for key, value in texts.items()}, **{key: {"N": v} for key, v in numbers.items()}}


def canned(request: Any, **_: Any) -> Any:
    """Answers as DynamoDB and Secrets Manager would, for the calls that the route makes."""
    from botocore.awsrequest import AWSResponse

    operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
    answers: dict[str, dict[str, Any]] = {
        "UpdateItem": {"Attributes": {"count": {"N": "1"}}},
        "Query": {"Items": [account_item()], "Count": 1, "ScannedCount": 1},
        "GetItem": {"Item": job_item()},
        "GetSecretValue": {"SecretString": "a key"},
    }
    body = json.dumps(answers[operation]).encode()
    headers: Any = {"content-type": "application/x-amz-json-1.0"}
    response: Any = AWSResponse(request.url, 200, headers, None)
    response._content = body
    return response


def ours() -> Callable[[dict[str, Any]], dict[str, Any]]:
    from functions.realstaging_api import images
    from vitrine.kernel import clients, tables

    clients.secrets_manager().meta.events.register_first("before-send.secrets-manager", canned)
    tables.connection().client.meta.events.register_first("before-send.dynamodb", canned)
    return lambda event: images.handler(event, CONTEXT)


def fastapi() -> Callable[[dict[str, Any]], dict[str, Any]]:
    from tests.bench import fastapi_rival

    fastapi_rival.dynamodb.meta.events.register_first("before-send.dynamodb", canned)
    return lambda event: fastapi_rival.handler(event, CONTEXT)


class _Context:
    function_name = "bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"
    aws_request_id = "request"


CONTEXT: Any = _Context()


def event() -> dict[str, Any]:
    path = f"/api/v1/images/{IMAGE}"
    return {
        "version": "2.0",
        "routeKey": "GET /api/v1/images/{id}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"authorization": f"Bearer {os.environ['BENCH_TOKEN']}", "host": "h"},
        "requestContext": {
            "http": {"method": "GET", "path": path, "sourceIp": "1.1.1.1", "protocol": "HTTP/1.1"},
            "requestId": "r",
            "domainName": "h",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }


def main() -> None:
    handle = {"ours": ours, "fastapi": fastapi}[sys.argv[1]]()
    request = event()
    answer = handle(request)
    first_ms = time.process_time() * 1000
    assert answer["statusCode"] == 200, answer
    assert json.loads(answer["body"])["status"] == "processing", answer
    times = []
    for _ in range(WARM):
        started = time.process_time()
        handle(request)
        times.append(time.process_time() - started)
    times.sort()
    print(json.dumps({"warm_ms": times[WARM // 2] * 1000, "first_ms": first_ms}), file=sys.stderr)


if __name__ == "__main__":
    main()
