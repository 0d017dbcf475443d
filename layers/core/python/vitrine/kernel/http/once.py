"""A request under an Idempotency-Key does its work once (see `vitrine.kernel.idempotency`)."""

import re
from collections.abc import Callable

from vitrine.kernel.errors import BadRequest
from vitrine.kernel.http.callers import Guard
from vitrine.kernel.http.policy import Repeat
from vitrine.kernel.http.request import Request
from vitrine.kernel.idempotency import Answer, Claim, Idempotency, fingerprint
from vitrine.kernel.ids import Ids
from vitrine.kernel.surface import Json

KEY_PATTERN = "[!-~]([ -~]{0,253}[!-~])?"
_KEY = re.compile(KEY_PATTERN)
_KEPT_HEADERS = {"content-type"}


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def once(request: Request, guard: Guard | None, resolve: Callable[[], Json]) -> Json:
    """The answer of `resolve`, or the one that a request under this key got before.

    Raises `BadRequest` for an unusable key, and what `Idempotency.claim` raises.
    """
    key = request.header("idempotency-key")
    if guard is None or key is None or request.policy.repeat is Repeat.NOT_TAKEN:
        return resolve()
    if not is_key(key):
        raise BadRequest("Idempotency-Key takes 1 to 255 printable ASCII characters.")
    if request.policy.repeat is Repeat.IN_TRANSACTION:
        return _by_its_work(request, guard, key, resolve)
    claim = _claim(request, guard, key)
    if isinstance(claim, Answer):
        return _replayed(request, claim)
    request.ids = claim.ids()
    return _settle(guard.idempotency, claim, resolve)


def _by_its_work(request: Request, guard: Guard, key: str, resolve: Callable[[], Json]) -> Json:
    """The work keeps the key. Where there was nothing to do, or the key was met, it is looked at afterwards.

    Raises `Invalid` for a key of another request: nothing was done then.
    """
    print_ = fingerprint(request.method, request.event["rawPath"], request.text)
    entry = guard.idempotency.entry(guard.scope(request), key, print_, request.now)
    request.key_writes = (entry.write,)
    answer = resolve()
    if entry.met or (answer["statusCode"] < 400 and not entry.made):
        entry.settle()
    return answer


def _claim(request: Request, guard: Guard, key: str) -> Claim | Answer:
    print_ = fingerprint(request.method, request.event["rawPath"], request.text)
    seed = Ids.random(request.now).new("seed")
    shared = request.policy.repeat is Repeat.RUN_AGAIN
    return guard.idempotency.claim(guard.scope(request), key, print_, request.now, seed, shared=shared)


def _replayed(request: Request, answer: Answer) -> Json:
    request.headers["Idempotent-Replayed"] = "true"
    request.outcome = "replayed"
    return {"statusCode": answer.status, "body": answer.body, "headers": answer.headers, "isBase64Encoded": False}


def _settle(idempotency: Idempotency, claim: Claim, resolve: Callable[[], Json]) -> Json:
    """Run the request under its claim: keep a success, free the key of a refusal, release that of a failure.

    A shared claim keeps no answer: its route runs again for each repeat.
    """
    try:
        answer = resolve()
    except BaseException:
        idempotency.release(claim)
        raise
    if answer["statusCode"] >= 500 or (answer["statusCode"] < 400 and claim.shared):
        idempotency.release(claim)
    elif answer["statusCode"] >= 400:
        idempotency.forget(claim)
    else:
        kept = {key: value for key, value in answer["headers"].items() if key.lower() in _KEPT_HEADERS}
        idempotency.complete(claim, Answer(answer["statusCode"], answer["body"], kept))
    return answer
