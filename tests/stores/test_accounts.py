"""Accounts, their keys and their tokens, on DynamoDB (moto) and by a clock that tests move."""

import hmac
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest

from tests.stores.accounts import HOUR, call, keyed, opened, refused, signed_in, trips
from tests.support.clock import NOW
from tests.support.cloud import TOKEN_SECRETS, client
from tests.support.logs import Logs
from vitrine.identity.accounts import rules, service
from vitrine.identity.accounts.models import (
    KeyState,
    NotificationPreferences,
    UserChange,
)
from vitrine.identity.accounts.tokens import AUDIENCE, ISSUER
from vitrine.kernel import clients, secrets
from vitrine.kernel.errors import Conflict, NotFound

NEWEST, OLDER = TOKEN_SECRETS.split()


def test_a_key_names_its_account() -> None:
    user = opened(plan="professional")
    key = keyed(user, name="CRM")
    principal = service.authenticate(key.text, NOW)
    assert (principal.tenant, principal.actor, principal.plan) == (user.tenant, user.id, "professional")
    assert principal.key_id == key.key.id


def test_authentication_by_key_costs_one_read() -> None:
    key = keyed(opened())
    service.authenticate(key.text, NOW)
    assert trips(lambda: service.authenticate(key.text, NOW)) == 1


def test_use_is_noted_at_most_once_an_hour() -> None:
    user = opened()
    key = keyed(user)
    later = NOW + 2 * HOUR
    costs = [trips(lambda: service.authenticate(key.text, later)) for _ in range(3)]
    assert costs == [2, 1, 1]
    assert service.find(user.tenant).last_active == later


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sck_",
        "sck_AAAAAAAAAAAA_" + "A" * 43,
        "sck_AAAAAAAAAAAA_" + "A" * 5000,
        "sck_AAAAAAAAAAA#_" + "A" * 43,
        "scr_" + "a" * 200,
        "HOLDER#",
    ],
)
def test_what_is_no_key_of_ours_is_refused_and_its_form_alone_costs_no_read(text: str) -> None:
    assert refused(service.authenticate, text, NOW) == "invalid_api_key"


def test_every_character_of_a_key_counts() -> None:
    text = keyed(opened()).text
    for place in range(len(text)):
        changed = text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]
        assert refused(service.authenticate, changed, NOW) == "invalid_api_key"


def test_digests_are_compared_in_constant_time_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first half of the digest finds the holder; a holder whose other half differs is nobody."""
    key = keyed(opened())
    compared: list[tuple[str, str]] = []

    def unequal(stored: str, sent: str) -> bool:
        compared.append((stored, sent))
        return False

    monkeypatch.setattr(hmac, "compare_digest", unequal)
    assert refused(service.authenticate, key.text, NOW) == "invalid_api_key"
    ((stored, sent),) = compared
    assert stored == sent and len(sent) == 64


def test_no_table_holds_a_key_or_a_token(logs: Logs) -> None:
    user = opened()
    key = keyed(user)
    tokens = service.issue_tokens(signed_in(key))
    service.refresh(tokens.refresh_token, NOW)
    refused(service.refresh, tokens.refresh_token, NOW + HOUR)
    stored = repr(client("dynamodb").scan(TableName="identity")["Items"])
    for secret in (key.text, tokens.access_token, tokens.refresh_token):
        assert secret[20:] not in stored
        assert secret[20:] not in logs.read()
    assert key.text not in repr(key) and tokens.refresh_token not in repr(tokens)
    assert key.key.prefix in stored


def test_a_revoked_key_is_refused_at_once() -> None:
    user = opened()
    key, other = keyed(user), keyed(user)
    service.revoke_key(call(user), key.key.id)
    assert refused(service.authenticate, key.text, NOW) == "invalid_api_key"
    assert service.authenticate(other.text, NOW).tenant == user.tenant
    states = {found.id: found.state(NOW) for found in service.find(user.tenant).keys}
    assert states == {key.key.id: KeyState.REVOKED, other.key.id: KeyState.ACTIVE}


def test_revoking_twice_is_as_once_and_anothers_key_is_not_there() -> None:
    user, other = opened(), opened("ben@agency.example")
    key, _ = keyed(user), keyed(user)
    with pytest.raises(NotFound):
        service.revoke_key(call(other), key.key.id)
    service.revoke_key(call(user), key.key.id)
    service.revoke_key(call(user, NOW + HOUR), key.key.id)
    (revoked,) = [found for found in service.find(user.tenant).keys if found.id == key.key.id]
    assert revoked.revoked_at == NOW


def test_a_replaced_key_holds_until_the_last_moment_of_its_overlap() -> None:
    user = opened()
    old = keyed(user)
    new = keyed(user, replaces=old.key.id, overlap=24 * HOUR)
    edge = NOW + 24 * HOUR
    assert service.authenticate(old.text, edge - timedelta(milliseconds=1)).tenant == user.tenant
    assert refused(service.authenticate, old.text, edge) == "invalid_api_key"
    assert service.authenticate(new.text, edge).tenant == user.tenant
    replaced = service.find(user.tenant).key(old.key.id)
    assert replaced is not None
    assert [replaced.state(now) for now in (edge - HOUR, edge)] == [KeyState.EXPIRING, KeyState.EXPIRED]


def test_a_key_can_be_replaced_without_an_overlap_but_only_once() -> None:
    user = opened()
    old = keyed(user)
    keyed(user, replaces=old.key.id, overlap=timedelta(0))
    assert refused(service.authenticate, old.text, NOW) == "invalid_api_key"
    with pytest.raises(NotFound):
        keyed(user, replaces=old.key.id)
    expiring = keyed(user)
    keyed(user, replaces=expiring.key.id)
    with pytest.raises(Conflict, match="being replaced"):
        keyed(user, replaces=expiring.key.id)


def test_an_account_has_a_bounded_number_of_keys_that_hold() -> None:
    user = opened()
    keys = [keyed(user) for _ in range(rules.MOST_KEYS)]
    with pytest.raises(Conflict) as raised:
        keyed(user)
    assert raised.value.code == "too_many_keys"
    service.revoke_key(call(user), keys[0].key.id)
    keyed(user)


def test_a_repeated_request_shows_the_same_key_again_and_makes_no_other() -> None:
    user = opened()
    old = keyed(user)
    first, second = (service.issue_key(call(user, seed="one request"), replaces=old.key.id) for _ in range(2))
    assert first.text == second.text
    assert len(service.find(user.tenant).keys) == 2
    assert service.issue_key(call(user, seed="another")).text != first.text


def test_an_address_has_one_account() -> None:
    user = opened("Ann@Agency.example ")
    with pytest.raises(service.EmailTaken):
        opened("ann@agency.example")
    found = service.find_by_email(" ANN@agency.example")
    assert found is not None and found.user == user
    assert service.find_by_email("nobody@agency.example") is None


def test_a_plan_changes_for_every_key_at_once() -> None:
    user = opened()
    keys = [keyed(user) for _ in range(3)]
    service.revoke_key(call(user), keys[2].key.id)
    service.set_plan(user.tenant, "enterprise", NOW)
    assert [service.authenticate(key.text, NOW).plan for key in keys[:2]] == ["enterprise"] * 2
    assert service.authenticate(keyed(user).text, NOW).plan == "enterprise"


def test_a_change_of_preferences_leaves_the_rest_as_it_was() -> None:
    user = opened()
    service.change(call(user), UserChange.model_validate({"company": "Elm & Co", "default_style": "modern_luxury"}))
    said = {"notification_preferences": {"processing_updates": True}, "company": None}
    after = service.change(call(user), UserChange.model_validate(said))
    assert service.find(user.tenant).user == after
    assert (after.company, after.default_style) == (None, "modern_luxury")
    assert after.notification_preferences == NotificationPreferences(processing_updates=True)
    assert service.change(call(user), UserChange()) == after
    assert trips(lambda: service.change(call(user), UserChange(name="Ann"))) == 1


def claims(**changes: Any) -> dict[str, Any]:
    moment = int(NOW.timestamp())
    whole = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "usr_a",
        "tenant": "ten_a",
        "plan": "trial",
        "key_id": "key_a",
        "iat": moment,
        "exp": moment + 900,
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def forged(secret: str = NEWEST, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), secret if algorithm != "none" else "", algorithm=algorithm)


def test_an_access_token_names_its_account_without_a_read() -> None:
    user = opened(plan="professional")
    token = service.issue_tokens(signed_in(keyed(user))).access_token
    assert trips(lambda: service.authenticate(token, NOW)) == 0
    principal = service.authenticate(token, NOW + timedelta(minutes=15) - timedelta(milliseconds=1))
    assert (principal.tenant, principal.actor, principal.plan) == (user.tenant, user.id, "professional")
    assert service.TOKENS not in principal.scopes


def test_an_access_token_ends_after_its_15_minutes() -> None:
    token = service.issue_tokens(signed_in(keyed(opened()))).access_token
    assert refused(service.authenticate, token, NOW + timedelta(minutes=15)) == "token_expired"


def test_after_a_rotation_the_newest_secret_signs_and_the_older_verifies_still() -> None:
    assert service.authenticate(forged(OLDER), NOW).tenant == "ten_a"
    token = service.issue_tokens(signed_in(keyed(opened()))).access_token
    jwt.decode(
        token, NEWEST, algorithms=["HS256"], audience=AUDIENCE, options={"verify_exp": False, "verify_iat": False}
    )


def test_a_secret_that_another_process_signs_with_already_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []

    def fetch(arn: str) -> str:
        fetched.append(arn)
        return f"{NEWEST} {OLDER}"

    monkeypatch.setattr(clients, "secret_value", fetch)
    monkeypatch.setitem(secrets._values, "token-secret", (time.monotonic() - 11, OLDER))
    assert service.authenticate(forged(OLDER), NOW).tenant == "ten_a"
    assert fetched == []
    assert service.authenticate(forged(NEWEST), NOW).tenant == "ten_a"
    for _ in range(3):
        assert refused(service.authenticate, forged("guessed" * 10), NOW) == "invalid_token"
    assert fetched == ["token-secret"]


def test_keys_that_ended_count_as_long_as_they_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_REMEMBERED", 3)
    user = opened()
    keyed(user)
    for _ in range(2):
        service.revoke_key(call(user), keyed(user).key.id)
    with pytest.raises(Conflict) as found:
        keyed(user)
    assert found.value.code == "too_many_keys"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(forged("guessed" * 10), id="signed by another"),
        pytest.param(forged(algorithm="none"), id="alg none"),
        pytest.param(forged(algorithm="HS512"), id="another algorithm"),
        pytest.param(forged(iss="https://elsewhere.example"), id="of another issuer"),
        pytest.param(forged(aud="urn:vitrine:other"), id="for another audience"),
        *(pytest.param(forged(NEWEST, "HS256", **{name: None}), id=f"without {name}") for name in claims()),
        pytest.param(forged(exp="soon"), id="with a time that is none"),
        pytest.param(forged()[:-4] + "AAAA", id="with a changed signature"),
        pytest.param("a.b.c", id="not a token"),
        pytest.param("..", id="empty"),
        pytest.param(forged() + "\ud800", id="with half a character"),
        pytest.param(f"{'W' * 3000}.e30.e30", id="nested too deep"),
        pytest.param(forged(plan="x" * 5000), id="too long"),
    ],
)
def test_a_forged_token_is_refused(token: str) -> None:
    assert refused(service.authenticate, token, NOW) == "invalid_token"


def test_the_last_key_of_an_account_cannot_be_revoked() -> None:
    user = opened()
    key = keyed(user)
    with pytest.raises(Conflict, match="last key"):
        service.revoke_key(call(user), key.key.id)
    newer = keyed(user, replaces=key.key.id)
    with pytest.raises(Conflict, match="last key"):
        service.revoke_key(call(user), newer.key.id)
    service.revoke_key(call(user), key.key.id)
    assert service.authenticate(newer.text, NOW).tenant == user.tenant
