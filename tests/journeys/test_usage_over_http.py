"""Usage limits at their exact edge, by many callers at once over HTTP."""

from collections import Counter
from typing import Any
from uuid import uuid4

import httpx

from tests.journeys.conftest import Stack
from tests.support import empty_room
from tests.support.crowd import at_once
from tests.support.patience import outlast_the_hour, until

MANY, LAMBDAS = 50, 4


class Agent:
    def __init__(self, stack: Stack, plan: str) -> None:
        self.stack, self.email = stack, f"limits-{uuid4().hex[:8]}"
        self.key = stack.api_key(self.email, plan)

    def presign(self, photo: bytes) -> Any:
        options = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": len(photo)}
        with self.stack.bearing("stagecraft", self.key) as http:
            return http.post("/api/uploads/presign", json=options).json()

    def stage(self, file_key: str) -> httpx.Response:
        with self.stack.bearing("stagecraft", self.key) as http:
            return http.post("/api/stage", json={"image": file_key, "style": "modern_luxury"})

    def account_at_rest(self) -> Any:
        """The account once no work is under way; None before, or when a cold start took too long on a busy machine."""
        with self.stack.bearing("stagecraft", self.key) as http:
            answer = http.get("/api/account")
        account = answer.json() if answer.status_code == 200 else None
        return account if account and not account["usage_this_month"]["stagings_in_progress"] else None


def test_of_fifty_requests_over_http_exactly_ten_are_taken_and_failed_work_is_given_back(stack: Stack) -> None:
    outlast_the_hour()
    agent = Agent(stack, "trial")
    photo = empty_room.photo(120, 80)
    upload = agent.presign(photo)
    # Nothing is uploaded yet, so what is taken waits, and no end gives anything back meanwhile.
    answers = at_once(lambda _: agent.stage(upload["file_key"]), MANY, LAMBDAS)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert Counter(answer.status_code for answer in answers) == {202: 10, 429: 40}
    assert {answer.json()["error"]["code"] for answer in refused} == {"RATE_LIMIT_EXCEEDED"}
    assert all(0 < int(answer.headers["retry-after"]) <= 3600 for answer in refused)
    assert all(answer.headers["ratelimit"].startswith('"hour";r=0;t=') for answer in refused)

    # It is too small, so all ten fail once it is inspected.
    assert httpx.put(upload["upload_url"], content=photo, headers=upload["headers"]).status_code == 200
    account = until(agent.account_at_rest, what="all to fail")
    assert (account["requests_this_hour"]["used"], account["stagings_today"]["used"]) == (0, 0)
    assert agent.stage(agent.presign(photo)["file_key"]).status_code == 202
