"""What the kernel does to the answers of every route (`vitrine.kernel.http.answers`), as documents say it."""

from infra.documents import Json, Operation
from vitrine.kernel.http import Policy
from vitrine.kernel.http.answers import LOCATED, UNVERSIONED

IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of an earlier answer: if it is still current, the answer is 304 without a body.",
    "schema": {"type": "string"},
}
ETAG: Json = {"description": "The version of what was read", "schema": {"type": "string"}}
LOCATION: Json = {"description": "Where it is read", "schema": {"type": "string", "format": "uri-reference"}}


def describe(operation: Operation, policy: Policy) -> None:
    answers = operation.body["responses"]
    read = answers.get("200")
    if operation.method == "GET" and read and not set(UNVERSIONED) & read.get("content", {}).keys():
        operation.body["parameters"].append(IF_NONE_MATCH)
        read["headers"] = {"ETag": ETAG}
        answers["304"] = {"description": "What `If-None-Match` names is still current", "headers": {"ETag": ETAG}}
    for status in LOCATED:
        if policy.location and str(status) in answers:
            answers[str(status)]["headers"] = {"Location": LOCATION}
