"""Refresh tokens: each is used once, a lost answer is given again, and a copy ends its family."""

from datetime import timedelta

import pytest

from tests.stores.accounts import HOUR, call, keyed, opened, refused, signed_in, trips
from tests.support.clock import NOW
from vitrine.identity.accounts import rules, service
from vitrine.identity.accounts.models import RefreshToken
from vitrine.kernel.call import Call
from vitrine.kernel.errors import AppError
from vitrine.kernel.ids import Ids


def test_a_refresh_token_gives_new_ones_and_follows_the_plan() -> None:
    user = opened()
    first = service.issue_tokens(signed_in(keyed(user)))
    service.set_plan(user.tenant, "enterprise", NOW)
    second = service.refresh(first.refresh_token, NOW + HOUR)
    assert service.authenticate(second.access_token, NOW + HOUR).plan == "enterprise"
    third = service.refresh(second.refresh_token, NOW + 2 * HOUR)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3


def test_a_refresh_costs_three_round_trips_and_counts_as_activity() -> None:
    user = opened()
    tokens = [service.issue_tokens(signed_in(keyed(user))).refresh_token for _ in range(2)]
    for token, now, last_active in ((tokens[0], NOW, NOW), (tokens[1], NOW + HOUR, NOW + HOUR)):
        assert trips(lambda token=token, now=now: service.refresh(token, now)) == 3
        assert service.find(user.tenant).last_active == last_active


def test_a_refresh_token_used_twice_ends_its_family_and_no_other() -> None:
    user = opened()
    key = keyed(user)
    first, other = service.issue_tokens(signed_in(key)), service.issue_tokens(signed_in(key))
    second = service.refresh(first.refresh_token, NOW)
    third = service.refresh(second.refresh_token, NOW)
    assert refused(service.refresh, first.refresh_token, NOW) == "invalid_token"
    assert refused(service.refresh, third.refresh_token, NOW) == "invalid_token"
    service.refresh(other.refresh_token, NOW)


def test_a_refresh_whose_answer_was_lost_gives_the_same_token_again_for_seconds() -> None:
    first = service.issue_tokens(signed_in(keyed(opened()))).refresh_token
    second = service.refresh(first, NOW)
    again = service.refresh(first, NOW + timedelta(seconds=10))
    assert again.refresh_token == second.refresh_token
    assert service.authenticate(again.access_token, NOW + timedelta(seconds=10))
    service.refresh(second.refresh_token, NOW + timedelta(seconds=11))


def test_after_these_seconds_a_used_refresh_token_ends_its_family() -> None:
    first = service.issue_tokens(signed_in(keyed(opened()))).refresh_token
    second = service.refresh(first, NOW).refresh_token
    late = NOW + timedelta(seconds=10, milliseconds=1)
    assert refused(service.refresh, first, late) == "invalid_token"
    assert refused(service.refresh, second, late) == "invalid_token"


def test_a_used_refresh_token_is_given_nothing_more_once_its_successor_was_used() -> None:
    first = service.issue_tokens(signed_in(keyed(opened()))).refresh_token
    third = service.refresh(service.refresh(first, NOW).refresh_token, NOW).refresh_token
    assert refused(service.refresh, first, NOW) == "invalid_token"
    assert refused(service.refresh, third, NOW) == "invalid_token"


def test_the_successor_of_a_refresh_token_is_known_to_nobody_without_the_pepper() -> None:
    token = RefreshToken(tenant="ten_" + "0" * 26, family="fam_" + "0" * 26, generation=1, nonce="0" * 26)
    one, other = (rules.following(pepper, token) for pepper in (b"one", b"other"))
    assert one.nonce != other.nonce
    assert rules.open_refresh(b"one", rules.seal_refresh(b"one", one)) == one


def test_a_refresh_token_holds_for_30_days() -> None:
    user = opened()
    tokens = [service.issue_tokens(signed_in(keyed(user))).refresh_token for _ in range(2)]
    edge = NOW + timedelta(days=30)
    service.refresh(tokens[0], edge - timedelta(milliseconds=1))
    assert refused(service.refresh, tokens[1], edge) == "invalid_token"


def test_a_forged_refresh_token_is_refused_and_ends_no_family() -> None:
    token = service.issue_tokens(signed_in(keyed(opened()))).refresh_token
    for place in range(len(token)):
        changed = token[:place] + ("2" if token[place] != "2" else "3") + token[place + 1 :]
        assert refused(service.refresh, changed, NOW) == "invalid_token"
    service.refresh(token, NOW)


@pytest.mark.parametrize("end", ["revoked", "replaced"])
def test_the_end_of_a_key_ends_its_refresh_tokens(end: str) -> None:
    user = opened()
    key = keyed(user)
    tokens = service.issue_tokens(signed_in(key))
    keyed(user)
    if end == "revoked":
        service.revoke_key(call(user), key.key.id)
    else:
        keyed(user, replaces=key.key.id, overlap=timedelta(0))
    assert refused(service.refresh, tokens.refresh_token, NOW) == "invalid_token"
    # What was signed before lives out its 15 minutes: no call looks a token up.
    assert service.authenticate(tokens.access_token, NOW).tenant == user.tenant


def test_tokens_asked_for_twice_under_one_key_are_the_same_until_they_are_used() -> None:
    user = opened()
    principal = service.authenticate(keyed(user).text, NOW)

    def ask() -> str:
        return service.issue_tokens(Call(principal, NOW, Ids.seeded(NOW, "one"), "req")).refresh_token

    token = ask()
    assert ask() == token
    service.refresh(token, NOW)
    with pytest.raises(AppError):
        ask()
