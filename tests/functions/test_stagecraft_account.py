"""Account, keys and tokens of stagecraft, by the events that API Gateway sends."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions.stagecraft_api import account, auth
from functions.stagecraft_api.errors import document_code, render
from tests.support.clock import NOW
from tests.support.logs import Logs
from tests.support.requests import Reply, send
from vitrine.billing.usage import service as usage
from vitrine.identity.accounts import service as accounts
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import AppError, Invalid, TooManyRequests
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal
from vitrine.staging import store as staging_store
from vitrine.staging.models import Listed

HOUR = timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOW


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    for module in (account, auth):
        monkeypatch.setattr(module.api, "_clock", lambda: clock.now)
    return clock  # type: ignore[return-value]


class Agent:
    """An account, and the key that it calls with."""

    def __init__(self, email: str = "ann@agency.example", plan: str = "professional") -> None:
        self.user = accounts.create(email, plan, Ids.random(NOW), NOW, name="Ann")
        self.call = Call(Principal(self.user.tenant, self.user.id, plan=plan), NOW, Ids.random(NOW), "req")
        issued = accounts.issue_key(self.call, "first")
        self.key, self.key_id = issued.text, issued.key.id

    def send(self, method: str, path: str, **options: Any) -> Reply:
        options.setdefault("token", self.key)
        module = auth if path.startswith("/api/auth") else account
        return send(module.handler, method, path, **options)

    def view(self, **options: Any) -> Any:
        reply = self.send("GET", "/api/account", **options)
        assert reply.status == 200, reply.text
        return reply.json()

    def new_key(self, **options: Any) -> Any:
        reply = self.send("POST", "/api/account/keys", body=options)
        assert reply.status == 201, reply.text
        return reply.json()

    def tokens(self, **options: Any) -> Any:
        reply = self.send("POST", "/api/auth/token", **options)
        assert reply.status == 200, reply.text
        return reply.json()

    def refresh(self, token: str) -> Reply:
        return self.send("POST", "/api/auth/refresh", token=None, body={"refresh_token": token})


@pytest.fixture
def ann() -> Agent:
    return Agent()


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json()["error"]["code"]


def test_an_account_is_shown_as_the_document_says(ann: Agent) -> None:
    listed = Listed(id="stg_1", created_at=NOW, property_name="123 Main St")
    tables.commit(
        *usage.taking(ann.call, "stg_1", 3), staging_store.put_listed(ann.user.tenant, "STAGING", listed, NOW + HOUR)
    )
    view = ann.view()
    assert view["user_id"] == ann.user.id
    assert (view["email"], view["plan"]) == ("ann@agency.example", "professional")
    assert view["usage_this_month"] == {
        "stagings_completed": 0,
        "stagings_in_progress": 3,
        "limit": 100,
        "reset_date": "2026-12-01T00:00:00Z",
    }
    assert view["requests_this_hour"] == {"used": 1, "limit": 10}
    assert view["recent_stagings"] == [
        {"id": "stg_1", "created_at": "2026-11-20T12:00:00Z", "property_name": "123 Main St"}
    ]
    (key,) = view["api_keys"]
    assert (key["key_id"], key["status"], key["prefix"]) == (ann.key_id, "active", ann.key[:16])


def test_an_account_shows_nothing_of_another(ann: Agent) -> None:
    ben = Agent("ben@agency.example", "trial")
    tables.commit(*usage.taking(ben.call, "stg_1", 1))
    assert ann.view()["usage_this_month"]["stagings_in_progress"] == 0
    assert code(ann.send("DELETE", f"/api/account/keys/{ben.key_id}")) == (404, "KEY_NOT_FOUND")
    assert ben.view()["api_keys"][0]["status"] == "active"


def test_preferences_change_one_by_one(ann: Agent) -> None:
    ann.send("PATCH", "/api/account", body={"company": "Elm & Co", "default_style": "modern_luxury"})
    said = {"notification_preferences": {"email_on_completion": True}, "name": None}
    changed = ann.send("PATCH", "/api/account", body=said)
    assert changed.status == 200
    view = ann.view()
    assert (view["company"], view["default_style"], view["name"]) == ("Elm & Co", "modern_luxury", None)
    assert view["notification_preferences"] == {"email_on_completion": True, "processing_updates": False}
    assert {name: view[name] for name in changed.json()} == changed.json()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"default_style": "brutalist"}, "INVALID_STYLE"),
        ({"name": ""}, "INVALID_REQUEST"),
        ({"company": "x" * 201}, "INVALID_REQUEST"),
        ({"notification_preferences": {"email_on_completion": "perhaps"}}, "INVALID_REQUEST"),
        ("[]", "INVALID_REQUEST"),
    ],
)
def test_a_change_that_does_not_hold_is_refused_and_says_where(ann: Agent, body: Any, expected: str) -> None:
    reply = ann.send("PATCH", "/api/account", body=body)
    assert code(reply) == (422, expected)
    assert reply.json()["error"]["details"].startswith("body")


def test_what_nobody_may_change_stays(ann: Agent) -> None:
    ann.send("PATCH", "/api/account", body={"plan": "enterprise", "email": "eve@agency.example", "user_id": "usr"})
    assert (ann.view()["plan"], ann.view()["email"]) == ("professional", "ann@agency.example")


def test_a_new_key_is_shown_once_and_works(ann: Agent) -> None:
    made = ann.new_key(name="CRM")
    assert ann.view(token=made["api_key"])["user_id"] == ann.user.id
    shown = next(key for key in ann.view()["api_keys"] if key["key_id"] == made["key_id"])
    assert shown == {name: value for name, value in made.items() if name != "api_key"}


def test_a_key_asked_for_twice_under_one_idempotency_key_is_one(ann: Agent) -> None:
    headers = {"Idempotency-Key": "again"}
    first, second = (ann.send("POST", "/api/account/keys", body={}, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert len(ann.view()["api_keys"]) == 2


def test_a_rotated_key_holds_for_its_overlap(ann: Agent, clock: Clock) -> None:
    made = ann.new_key(rotates=ann.key_id, overlap_hours=2)
    clock.now = NOW + 2 * HOUR - timedelta(milliseconds=1)
    assert {key["key_id"]: key["status"] for key in ann.view()["api_keys"]} == {
        ann.key_id: "expiring",
        made["key_id"]: "active",
    }
    clock.now = NOW + 2 * HOUR
    assert code(ann.send("GET", "/api/account")) == (401, "INVALID_API_KEY")
    assert ann.view(token=made["api_key"])["api_keys"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"overlap_hours": 169}, (422, "INVALID_REQUEST")),
        ({"overlap_hours": -1}, (422, "INVALID_REQUEST")),
        ({"name": " "}, (422, "INVALID_REQUEST")),
        ({"rotates": "key_unknown"}, (404, "KEY_NOT_FOUND")),
    ],
)
def test_a_key_that_cannot_be_made_is_refused(ann: Agent, body: Any, expected: tuple[int, str]) -> None:
    assert code(ann.send("POST", "/api/account/keys", body=body)) == expected
    assert len(ann.view()["api_keys"]) == 1


def test_a_key_is_rotated_once_and_keys_are_few(ann: Agent) -> None:
    ann.new_key(rotates=ann.key_id)
    assert code(ann.send("POST", "/api/account/keys", body={"rotates": ann.key_id})) == (409, "KEY_IS_EXPIRING")
    for _ in range(8):
        ann.new_key()
    assert code(ann.send("POST", "/api/account/keys", body={})) == (409, "TOO_MANY_KEYS")


def test_a_revoked_key_is_refused_at_once_even_if_it_revoked_itself(ann: Agent) -> None:
    assert code(ann.send("DELETE", f"/api/account/keys/{ann.key_id}")) == (409, "LAST_KEY")
    ann.new_key()
    reply = ann.send("DELETE", f"/api/account/keys/{ann.key_id}")
    assert (reply.status, reply.text) == (204, "")
    assert code(ann.send("GET", "/api/account")) == (401, "INVALID_API_KEY")


def test_a_key_is_changed_for_tokens_and_a_token_is_not(ann: Agent) -> None:
    tokens = ann.tokens()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert ann.view(token=tokens["access_token"])["user_id"] == ann.user.id
    refused = ann.send("POST", "/api/auth/token", token=tokens["access_token"])
    assert code(refused) == (403, "INVALID_API_KEY")


def test_an_access_token_may_do_what_its_key_may(ann: Agent) -> None:
    token = ann.tokens()["access_token"]
    made = ann.send("POST", "/api/account/keys", token=token, body={})
    assert made.status == 201
    assert ann.send("DELETE", f"/api/account/keys/{made.json()['key_id']}", token=token).status == 204


def test_an_access_token_whose_key_has_ended_neither_makes_nor_ends_keys(ann: Agent, clock: Clock) -> None:
    token, other = ann.tokens()["access_token"], ann.new_key()
    assert ann.send("DELETE", f"/api/account/keys/{ann.key_id}", token=other["api_key"]).status == 204
    assert code(ann.send("POST", "/api/account/keys", token=token, body={})) == (401, "INVALID_API_KEY")
    reply = ann.send("DELETE", f"/api/account/keys/{other['key_id']}", token=token)
    assert code(reply) == (401, "INVALID_API_KEY")
    assert ann.view(token=other["api_key"])["user_id"] == ann.user.id


def test_an_access_token_says_when_it_has_expired(ann: Agent, clock: Clock) -> None:
    tokens = ann.tokens()
    clock.now += timedelta(minutes=15)
    assert code(ann.send("GET", "/api/account", token=tokens["access_token"])) == (401, "INVALID_API_KEY")
    fresh = ann.refresh(tokens["refresh_token"]).json()
    assert ann.view(token=fresh["access_token"])["user_id"] == ann.user.id


def test_a_refresh_token_sent_twice_ends_its_family_if_its_answer_cannot_have_been_lost(
    ann: Agent, clock: Clock
) -> None:
    first = ann.tokens()["refresh_token"]
    second = ann.refresh(first).json()["refresh_token"]
    assert ann.refresh(first).json()["refresh_token"] == second
    clock.now += timedelta(seconds=11)
    assert code(ann.refresh(first)) == (401, "INVALID_API_KEY")
    assert code(ann.refresh(second)) == (401, "INVALID_API_KEY")


@pytest.mark.parametrize("body", [{}, {"refresh_token": 1}, {"refresh_token": "x" * 501}])
def test_a_refresh_without_a_token_is_a_bad_request(ann: Agent, body: Any) -> None:
    assert code(ann.send("POST", "/api/auth/refresh", token=None, body=body)) == (422, "INVALID_REQUEST")


@pytest.mark.parametrize("token", [None, "", "guess", "a.b.c"])
def test_a_stranger_is_told_nothing_but_that(ann: Agent, token: str | None) -> None:
    for method, path in (("GET", "/api/account"), ("POST", "/api/account/keys"), ("POST", "/api/auth/token")):
        reply = ann.send(method, path, token=token, body="{")
        assert code(reply) == (401, "INVALID_API_KEY")
        challenge = 'Bearer error="invalid_token"' if token else "Bearer"
        assert reply.headers["www-authenticate"] == challenge


def test_an_error_has_the_documents_shape(ann: Agent) -> None:
    reply = ann.send("GET", "/api/account", token="guess")
    assert reply.headers["content-type"] == "application/json"
    assert reply.json() == {
        "error": {
            "code": "INVALID_API_KEY",
            "message": "This API key is not valid.",
            "details": "A valid credential is needed",
            "request_id": "req-1",
        }
    }


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AppError("Something went wrong."), "INTERNAL_ERROR"),
        (Invalid.field("body.style", "enum", "There is no such style."), "INVALID_STYLE"),
        (Invalid.field("body.room_type", "enum", "There is no such room."), "INVALID_REQUEST"),
        (TooManyRequests("Slowly.", retry_after_s=1), "RATE_LIMIT_EXCEEDED"),
    ],
)
def test_errors_are_named_as_the_document_names_them(error: AppError, expected: str) -> None:
    assert render(error, "req")["error"]["code"] == expected


def test_what_the_document_does_not_name_is_named_in_its_style() -> None:
    assert document_code("staging_not_found") == "STAGING_NOT_FOUND"


def test_keys_and_tokens_stand_in_no_log(ann: Agent, clock: Clock, logs: Logs) -> None:
    made = ann.new_key(name="CRM", rotates=ann.key_id)
    tokens = ann.tokens()
    fresh = ann.refresh(tokens["refresh_token"]).json()
    clock.now += timedelta(seconds=11)
    ann.refresh(tokens["refresh_token"])
    ann.send("GET", "/api/account", token=ann.key[:-1] + "!")
    ann.send("GET", "/api/account", token=tokens["access_token"][:-4])
    log = logs.read()
    assert '"outcome":"success"' in log and "refresh token used twice" in log
    secrets = [ann.key, made["api_key"], *(pair[name] for pair in (tokens, fresh) for name in pair if "_token" in name)]
    for secret in secrets:
        assert secret[-30:-4] not in log
    assert "agency.example" not in log
