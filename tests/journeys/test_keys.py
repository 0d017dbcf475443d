"""A key of stagecraft from its making to its end, over HTTP and by the operator's commands."""

import json
from collections import Counter
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest

from tests.journeys.conftest import Stack
from tests.support.backstage import Backstage
from tests.support.clock import NOW
from tests.support.crowd import at_once
from tests.support.patience import until
from vitrine.identity.accounts import rules, service
from vitrine.kernel.call import Call
from vitrine.kernel.errors import AppError, Conflict, Unauthenticated
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal

MANY, LAMBDAS = 50, 6
T = TypeVar("T")


class Agent:
    """An account whose every request says with which credential."""

    def __init__(self, stack: Stack, plan: str = "professional") -> None:
        self.stack, self.email = stack, f"agent-{uuid4().hex[:8]}@journeys.example"
        opened = json.loads(stack.vitrine("account", "create", "--email", self.email, "--plan", plan))
        self.key: str = opened["api_key"]

    def send(self, method: str, path: str, bearer: str | None, body: Any = None) -> httpx.Response:
        with self.stack.bearing("stagecraft", bearer) as http:
            return http.request(method, f"/api/{path}", json=body)

    def ask(self, method: str, path: str, bearer: str | None, body: Any = None) -> Any:
        answer = self.send(method, path, bearer, body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def refresh(self, token: str) -> httpx.Response:
        return self.send("POST", "auth/refresh", None, {"refresh_token": token})

    def states(self, bearer: str) -> dict[str, str]:
        return {key["prefix"]: key["status"] for key in self.ask("GET", "account", bearer)["api_keys"]}


@pytest.fixture
def agent(stack: Stack) -> Agent:
    return Agent(stack)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


REFUSED = (401, "INVALID_API_KEY")


def test_a_key_from_its_making_to_its_revocation(agent: Agent, backstage: Backstage) -> None:
    first = agent.key
    account = agent.ask("GET", "account", first)
    assert (account["email"], account["plan"]) == (agent.email, "professional")

    rotated = agent.ask("POST", "account/keys", first, {"name": "CRM", "rotates": account["api_keys"][0]["key_id"]})
    second = rotated["api_key"]
    assert agent.states(first) == {first[:16]: "expiring", second[:16]: "active"}
    assert agent.states(second) == agent.states(first)

    tokens = agent.ask("POST", "auth/token", second)
    assert agent.ask("GET", "account", tokens["access_token"])["email"] == agent.email
    fresh = agent.refresh(tokens["refresh_token"]).json()
    newest = agent.refresh(fresh["refresh_token"]).json()
    # The first one's successor is used by now, so whoever brings it again holds a copy.
    assert refusal(agent.refresh(tokens["refresh_token"])) == (401, "INVALID_API_KEY")
    assert refusal(agent.refresh(newest["refresh_token"])) == (401, "INVALID_API_KEY"), "its family has ended"

    family = agent.ask("POST", "auth/token", second)
    third = agent.ask("POST", "account/keys", first, {})["api_key"]  # the last key that holds cannot be revoked
    assert agent.send("DELETE", f"account/keys/{rotated['key_id']}", first).status_code == 204
    assert refusal(agent.send("GET", "account", second)) == REFUSED
    assert refusal(agent.refresh(family["refresh_token"])) == (401, "INVALID_API_KEY")
    assert agent.states(family["access_token"])[second[:16]] == "revoked", "an access token lives out its 15 minutes"

    secrets = {
        first,
        second,
        third,
        *(pair[name] for pair in (tokens, fresh, newest, family) for name in pair if "_token" in name),
    }
    until(lambda: any("refresh token used twice" in line for line in backstage.logs("stagecraft")), what="the log")
    logged = "\n".join(backstage.logs("stagecraft"))
    assert not [secret for secret in secrets if secret[-30:] in logged]


def test_a_key_replaced_without_an_overlap_is_refused_at_once(agent: Agent) -> None:
    key_id = agent.ask("GET", "account", agent.key)["api_keys"][0]["key_id"]
    replaced = agent.ask("POST", "account/keys", agent.key, {"rotates": key_id, "overlap_hours": 0})
    assert refusal(agent.send("GET", "account", agent.key)) == REFUSED
    assert agent.states(replaced["api_key"])[agent.key[:16]] == "expired"


def test_an_operator_opens_an_account_changes_its_plan_and_issues_a_key(stack: Stack, agent: Agent) -> None:
    token = agent.ask("POST", "auth/token", agent.key)["access_token"]
    stack.vitrine("account", "set-plan", "--email", agent.email, "--plan", "enterprise")
    assert agent.ask("GET", "account", agent.key)["usage_this_month"]["limit"] == 5_000
    assert agent.ask("GET", "account", token)["plan"] == "enterprise"
    issued = stack.vitrine("account", "issue-key", "--email", agent.email, "--name", "second").strip()
    shown = json.loads(stack.vitrine("account", "show", "--email", agent.email))
    assert {key["prefix"] for key in shown["api_keys"]} == {agent.key[:16], issued[:16]}
    assert agent.ask("GET", "account", issued)["user_id"] == shown["id"]


def test_a_local_name_has_a_key_that_stays_the_same(stack: Stack) -> None:
    name = f"bob-{uuid4().hex[:8]}"
    key, again = (stack.vitrine("token", "stagecraft", "--as", name).strip() for _ in range(2))
    assert key == again
    with stack.bearing("stagecraft", key) as http:
        assert http.get("/api/account").json()["email"] == f"{name}@local.example"


def test_callers_that_use_a_refresh_token_at_once_all_get_the_same_next_one(agent: Agent) -> None:
    token = agent.ask("POST", "auth/token", agent.key)["refresh_token"]
    answers = at_once(lambda _: agent.refresh(token), LAMBDAS)
    assert Counter(answer.status_code for answer in answers) == {200: LAMBDAS}
    (following,) = {answer.json()["refresh_token"] for answer in answers}
    assert agent.refresh(following).status_code == 200
    # The first one's successor is used by now, so whoever brings it again holds a copy.
    assert refusal(agent.refresh(token)) == (401, "INVALID_API_KEY")


def opened() -> Call:
    ids = Ids.random(NOW)
    user = service.create(f"{uuid4().hex}@journeys.example", "trial", ids, NOW)
    return Call(Principal(user.tenant, user.id, plan="trial"), NOW, ids, "req")


def again(call: Call) -> Call:
    return Call(call.principal, NOW, Ids.random(NOW), "req")


@pytest.mark.usefixtures("shared")
def test_fifty_uses_of_a_refresh_token_at_once_lead_to_one_successor() -> None:
    call = opened()
    key = service.issue_key(call)
    token = service.issue_tokens(Call(service.authenticate(key.text, NOW), NOW, Ids.random(NOW), "req")).refresh_token

    (following,) = set(at_once(lambda _: service.refresh(token, NOW).refresh_token, MANY))
    service.refresh(following, NOW)
    with pytest.raises(Unauthenticated):
        service.refresh(token, NOW)


@pytest.mark.usefixtures("shared")
def test_of_many_keys_made_at_once_no_more_hold_than_may() -> None:
    call = opened()

    def make(_: int) -> str:
        # Whoever met too many others may simply try again.
        while True:
            try:
                return service.issue_key(again(call)).text
            except service.StaleAccount:
                continue
            except Conflict as error:
                return error.code

    made = at_once(make, 16)
    texts = [text for text in made if text != "too_many_keys"]
    assert (len(texts), len(made) - len(texts)) == (rules.MOST_KEYS, 16 - rules.MOST_KEYS)
    assert {service.authenticate(text, NOW).tenant for text in texts} == {call.tenant}


@pytest.mark.usefixtures("shared")
def test_a_key_that_is_replaced_many_times_at_once_is_replaced_once() -> None:
    call = opened()
    old = service.issue_key(call)

    def rotate(_: int) -> str:
        while True:
            try:
                return service.issue_key(again(call), replaces=old.key.id).text
            except service.StaleAccount:
                continue
            except AppError as error:
                return error.code

    assert Counter(at_once(rotate, 8))["key_is_expiring"] == 7


@pytest.mark.usefixtures("shared")
def test_a_plan_that_changes_while_keys_are_made_holds_for_all_of_them() -> None:
    call = opened()

    def act(number: int) -> str | None:
        while True:
            try:
                if number == 4:
                    service.set_plan(call.tenant, "enterprise", NOW)
                    return None
                return service.issue_key(again(call)).text
            except service.StaleAccount:
                continue

    keys = [text for text in at_once(act, 9) if text]
    assert {service.authenticate(text, NOW).plan for text in keys} == {"enterprise"}
