"""Organisations, their devices and people, and the gate that lets them in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import jwt
import pytest

from tests.support.clock import NOW
from tests.support.cloud import client
from tests.support.dealer import FACTS, Dealer
from vitrine.identity.organisations import enrolment, gate, keys, login, rules, service, store
from vitrine.identity.organisations.models import Enrolment, Identity, Policies, Role
from vitrine.kernel import secrets, tables
from vitrine.kernel.errors import AppError, Conflict, Forbidden, NotFound, TooManyRequests, Unauthenticated
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal
from vitrine.kernel.surface import Limit, Per

MINUTE = Limit("minute", 300, 60, Per.TOKEN)
SECRET = "a secret that only this device knows"
ANNA = Identity(issuer="https://id.test/", subject="auth0|anna", email="anna@example.test")


def ids() -> Ids:
    return Ids.random(NOW)


def enrolled(dealer: Dealer, code: str | None = None, secret: str | None = None) -> Any:
    return enrolment.enrol(dealer.tenant, FACTS, code, secret, ids(), NOW)


def who(token: str, limit: Limit = MINUTE, at: Any = NOW) -> Principal:
    return gate.admit(token, limit, at).principal


def trips(call: Callable[[], Any]) -> int:
    before = tables.round_trips()
    with suppress(AppError):
        call()
    return tables.round_trips() - before


def test_a_device_is_let_in_with_its_organisation_and_all_its_sites_by_one_round_trip() -> None:
    dealer = Dealer.open()
    token = dealer.device()
    assert trips(lambda: who(token)) == 1
    found = who(token)
    assert (found.tenant, found.org_id, found.role, found.name) == (
        dealer.tenant,
        dealer.org_id,
        "device",
        "iPhone 15 Pro",
    )
    assert found.may_use(dealer.site_id)


def test_a_device_token_has_the_documents_claims_for_thirty_days() -> None:
    dealer = Dealer.open()
    issued = enrolled(dealer)
    claims = jwt.decode(issued.token, options={"verify_signature": False})
    assert {name: claims[name] for name in ("sub", "org_id", "role", "exp")} == {
        "sub": issued.actor,
        "org_id": dealer.org_id,
        "role": "device",
        "exp": int((NOW + timedelta(days=30)).timestamp()),
    }
    assert issued.expires_in == 2_592_000
    assert who(issued.token, at=NOW + timedelta(days=30, seconds=-1))
    with pytest.raises(Unauthenticated, match="expired"):
        who(issued.token, at=NOW + timedelta(days=30))


def test_a_user_token_has_the_documents_claims_for_eight_hours() -> None:
    dealer = Dealer.open()
    second = dealer.add_site()
    claims = jwt.decode(dealer.user("reviewer", [second]), options={"verify_signature": False})
    assert (claims["org_id"], claims["site_ids"], claims["role"]) == (dealer.org_id, [second], "reviewer")
    assert claims["exp"] - claims["iat"] == 28_800


def test_a_revoked_device_is_refused_with_its_next_call_and_stays_so() -> None:
    dealer = Dealer.open()
    issued = enrolled(dealer, secret=SECRET)
    who(issued.token)
    service.revoke_device(dealer.tenant, issued.actor, NOW)
    service.revoke_device(dealer.tenant, issued.actor, NOW)
    for call in (
        lambda: who(issued.token),
        lambda: enrolment.renew(issued.token, dealer.tenant, FACTS, ids(), NOW),
        lambda: enrolled(dealer, secret=SECRET),
    ):
        with pytest.raises(Unauthenticated):
            call()


def test_a_role_and_sites_count_as_they_are_at_the_call_whatever_the_token_says() -> None:
    dealer = Dealer.open()
    second, token = dealer.add_site(), dealer.user("admin")
    person = service.people(dealer.tenant)[0]
    service.set_role(dealer.tenant, person.id, Role.OPERATOR)
    service.set_sites(store.PERSON, dealer.tenant, person.id, [second])
    found = who(token)
    assert (found.role, found.may_use(dealer.site_id), found.may_use(second)) == ("operator", False, True)
    service.set_sites(store.PERSON, dealer.tenant, person.id, None)
    assert who(token).may_use(dealer.site_id)
    service.remove_person(dealer.tenant, person.id, NOW)
    with pytest.raises(Unauthenticated):
        who(token)


def test_a_token_names_one_organisation_and_reaches_no_other() -> None:
    one, other = Dealer.open(), Dealer.open()
    key = keys.newest()
    claims = jwt.decode(one.device(), options={"verify_signature": False})
    moved = jwt.encode({**claims, "org_id": other.org_id}, key.private, algorithm="ES256", headers={"kid": key.kid})
    with pytest.raises(Unauthenticated):
        who(moved)


@pytest.mark.parametrize("change", [{"role": "owner"}, {"sub": "x"}, {"org_id": 7}, {"exp": "soon"}, {"aud": "else"}])
def test_claims_of_another_form_are_refused_even_when_they_are_signed(change: dict[str, Any]) -> None:
    key = keys.newest()
    claims = jwt.decode(Dealer.open().device(), options={"verify_signature": False}) | change
    forged = jwt.encode(claims, key.private, algorithm="ES256", headers={"kid": key.kid})
    with pytest.raises(Unauthenticated):
        who(forged)


def test_neither_another_key_nor_another_algorithm_signs() -> None:
    claims = jwt.decode(Dealer.open().device(), options={"verify_signature": False})
    kid = keys.newest().kid
    foreign = keys._key("somebody else's").private
    for token in (
        jwt.encode(claims, foreign, algorithm="ES256", headers={"kid": kid}),
        jwt.encode(claims, foreign, algorithm="ES256", headers={"kid": "unknown"}),
        jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": kid}),
        jwt.encode(claims, "", algorithm="none", headers={"kid": kid}),
        "a.b.c",
        "é",
    ):
        with pytest.raises(Unauthenticated):
            who(token)


def test_calls_are_counted_exactly_and_by_the_window_however_many_come_at_once() -> None:
    token = Dealer.open().device()
    limit = Limit("presigns", 20, 60, Per.ACTOR)

    def call(_: int) -> bool:
        try:
            who(token, limit)
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(call, range(30))) == 20
    with pytest.raises(TooManyRequests) as refused:
        who(token, limit)
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 60
    assert who(token, MINUTE), "another limit is counted by itself"
    assert who(token, limit, NOW + timedelta(seconds=60))


def test_two_tokens_of_a_device_share_what_is_counted_by_the_device_and_nothing_else() -> None:
    dealer = Dealer.open()
    first, second = (enrolled(dealer, secret=SECRET).token for _ in range(2))
    assert first != second
    shared, own = Limit("presigns", 1, 60, Per.ACTOR), Limit("minute", 1, 60, Per.TOKEN)
    who(first, shared)
    with pytest.raises(TooManyRequests):
        who(second, shared)
    who(first, own)
    who(second, own)


def test_the_counts_of_windows_long_over_do_not_pile_up() -> None:
    dealer = Dealer.open()
    issued = enrolled(dealer)
    for hour in range(40):
        who(issued.token, at=NOW + timedelta(hours=hour))
    item = client("dynamodb").get_item(
        TableName="identity", Key={"pk": {"S": dealer.tenant}, "sk": {"S": f"DEVICE#{issued.actor}"}}
    )["Item"]
    assert len([name for name in item if name.startswith("n_")]) <= 17


def test_the_same_device_is_known_by_its_token_and_by_its_secret_and_does_not_double() -> None:
    dealer = Dealer.open()
    first = enrolled(dealer, secret=SECRET)
    again = enrolled(dealer, secret=SECRET)
    renewed = enrolment.renew(
        first.token, dealer.tenant, FACTS.model_copy(update={"app_version": "2.0"}), ids(), NOW + timedelta(days=1)
    )
    assert first.actor == again.actor == renewed.actor
    (device,) = service.devices(dealer.tenant)
    assert (device.app_version, device.renewed_at) == ("2.0", NOW + timedelta(days=1))


def test_a_device_that_says_another_ones_id_or_guesses_a_secret_becomes_a_new_device() -> None:
    dealer, other = Dealer.open(), Dealer.open()
    first = enrolled(dealer, secret=SECRET)
    assert enrolled(dealer, secret=f"{SECRET}.").actor != first.actor
    assert enrolled(other, secret=SECRET).actor != first.actor, "the secret is one organisation's"
    assert enrolled(dealer).actor != first.actor


def test_no_other_token_renews_a_device() -> None:
    dealer, other = Dealer.open(), Dealer.open()
    for token in (other.device(), dealer.user(), "a.b.c"):
        with pytest.raises(Unauthenticated):
            enrolment.renew(token, dealer.tenant, FACTS, ids(), NOW)


def test_a_device_that_was_offline_renews_for_thirty_days_after_its_tokens_end_and_no_longer() -> None:
    dealer = Dealer.open()
    issued = enrolled(dealer)
    end = NOW + rules.DEVICE_TOKEN_FOR + rules.RENEWABLE_FOR
    renewed = enrolment.renew(issued.token, dealer.tenant, FACTS, ids(), end - timedelta(seconds=1))
    assert renewed.actor == issued.actor
    with pytest.raises(Unauthenticated):
        enrolment.renew(issued.token, dealer.tenant, FACTS, ids(), end)


def test_where_enrolment_is_closed_a_known_device_renews_and_a_new_one_stays_out() -> None:
    dealer = Dealer.open()
    token = dealer.device()
    service.set_policies(dealer.tenant, {"enrolment": Enrolment.CLOSED})
    with pytest.raises(Forbidden):
        enrolled(dealer)
    assert enrolment.renew(token, dealer.tenant, FACTS, ids(), NOW)


def test_a_closed_organisation_and_one_that_is_not_there_answer_and_cost_the_same() -> None:
    closed = Dealer.open(Policies(enrolment=Enrolment.CLOSED))
    nowhere = Dealer(ids().uuid(), rules.tenant_of(ids().uuid()), "")
    said = []
    for dealer in (closed, nowhere):
        before = tables.round_trips()
        with pytest.raises(Forbidden) as refused:
            enrolled(dealer)
        said.append((refused.value.code, refused.value.message, tables.round_trips() - before))
    assert said[0] == said[1]


def test_an_enrolment_code_is_asked_for_kept_hashed_and_replaced_by_the_next() -> None:
    dealer = Dealer.open()
    _, code = service.set_policies(dealer.tenant, {"enrolment": Enrolment.CODE})
    assert code is not None
    assert code not in str(service.find(dealer.tenant))
    for wrong in (None, "", code[:-1], "0000-0000-0000-0000"):
        with pytest.raises(Forbidden) as refused:
            enrolled(dealer, code=wrong)
        assert refused.value.code == "enrolment_code_required"
    assert enrolled(dealer, code=f" {code.upper().replace('-', ' ')} ")
    service.set_policies(dealer.tenant, {"enrolment": Enrolment.CODE})
    with pytest.raises(Forbidden):
        enrolled(dealer, code=code)


def test_a_person_is_known_by_a_verified_address_once_and_by_their_subject_from_then_on() -> None:
    dealer = Dealer.open()
    dealer.invite("anna", "reviewer")
    with pytest.raises(Forbidden):
        login.sign_in(ANNA.model_copy(update={"email": None}), ids(), NOW)
    first = login.sign_in(ANNA, ids(), NOW)
    assert who(first.token).role == "reviewer"
    assert login.sign_in(ANNA.model_copy(update={"email": None}), ids(), NOW).actor == first.actor
    stranger = ANNA.model_copy(update={"subject": "auth0|mallory"})
    with pytest.raises(Forbidden):
        login.sign_in(stranger, ids(), NOW)


def test_a_sign_in_costs_two_round_trips_and_the_first_one_three() -> None:
    dealer = Dealer.open()
    dealer.invite("anna")
    assert [trips(lambda: login.sign_in(ANNA, ids(), NOW)) for _ in range(2)] == [3, 2]


def test_a_first_sign_in_at_two_places_at_once_is_one_person() -> None:
    dealer = Dealer.open()
    dealer.invite("anna")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: login.sign_in(ANNA, ids(), NOW).actor, range(4)))
    assert len(set(found)) == 1


def test_an_address_is_invited_once_and_again_after_its_person_was_removed() -> None:
    dealer, other = Dealer.open(), Dealer.open()
    dealer.invite("anna")
    with pytest.raises(service.Taken):
        other.invite("anna")
    gone = login.sign_in(ANNA, ids(), NOW)
    service.remove_person(dealer.tenant, gone.actor, NOW)
    with pytest.raises(Forbidden):
        login.sign_in(ANNA, ids(), NOW)
    other.invite("anna")
    assert who(login.sign_in(ANNA, ids(), NOW).token).tenant == other.tenant


def test_who_is_invited_elsewhere_comes_there_once_they_were_removed_here() -> None:
    here, there = Dealer.open(), Dealer.open()
    here.invite("anna")
    first = login.sign_in(ANNA, ids(), NOW)
    there.invite("anna")
    assert login.sign_in(ANNA, ids(), NOW).actor == first.actor
    service.remove_person(here.tenant, first.actor, NOW)
    assert who(login.sign_in(ANNA, ids(), NOW).token).tenant == there.tenant


def test_after_a_rotation_older_tokens_hold_the_newest_key_signs_and_both_are_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dealer = Dealer.open()
    before = dealer.device()
    text = secrets.value("signing-secret")
    rotated = keys.rotated(text, "fresh" * 12, NOW)
    client("secretsmanager").put_secret_value(SecretId="signing-secret", SecretString=rotated)
    monkeypatch.setattr(secrets, "_values", {})
    after = dealer.device()
    kids = [jwt.get_unverified_header(token)["kid"] for token in (before, after)]
    assert kids == [*keys.known()][1::-1]
    assert {key.jwk["kid"] for key in keys.known().values()} >= set(kids)
    last = NOW + rules.DEVICE_TOKEN_FOR - timedelta(seconds=1)
    assert who(before, at=last)
    assert who(after, at=last)


def test_a_process_that_has_not_heard_of_a_rotation_finds_the_newer_key(monkeypatch: pytest.MonkeyPatch) -> None:
    dealer = Dealer.open()
    text = secrets.value("signing-secret")
    client("secretsmanager").put_secret_value(SecretId="signing-secret", SecretString=f"{'newer' * 12}\n{text}")
    held, token = dict(secrets._values), ""
    monkeypatch.setattr(secrets, "_values", {})
    token = dealer.device()
    fetched, old = held["signing-secret"]
    monkeypatch.setattr(secrets, "_values", {"signing-secret": (fetched - 11, old)})
    assert who(token)


def test_a_key_is_kept_until_the_last_token_that_it_signed_is_over() -> None:
    text = "first"
    for number in range(4):
        text = keys.rotated(text, f"key{number}", NOW + number * timedelta(days=40))
    lines = [line.partition("@")[0] for line in text.split()]
    assert lines == ["key3", "key2", "key1"], "first stopped 120 days ago, key0 80"


def test_the_thumbprint_is_rfc_7638s() -> None:
    found = keys.newest()
    assert found.kid == jwt.PyJWK(found.jwk).key_id
    assert set(found.jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_an_organisation_has_at_most_a_hundred_sites() -> None:
    dealer = Dealer.open()
    for _ in range(99):
        dealer.add_site()
    with pytest.raises(Conflict):
        dealer.add_site()


def test_a_site_of_nobody_is_assigned_to_nobody() -> None:
    dealer, other = Dealer.open(), Dealer.open()
    device = enrolled(dealer)
    for sites in ([other.site_id], []):
        with pytest.raises(NotFound):
            service.set_sites(store.DEVICE, dealer.tenant, device.actor, sites)


def test_changes_at_once_are_all_kept() -> None:
    dealer = Dealer.open()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda number: dealer.add_site(f"Studio {number}"), range(3)))
    assert len(service.find(dealer.tenant).sites) == 4
    assert service.listed()[dealer.org_id] == "Autohaus"
