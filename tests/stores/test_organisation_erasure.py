"""An organisation's copy and its erasure: whoever belonged to it, and what lies under its id."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.clock import NOW
from tests.support.dealer import Dealer
from tests.support.everywhere import mentions, put
from tests.support.work import WORK
from vitrine.identity.organisations import gate, login, service
from vitrine.identity.organisations.models import Enrolment, Identity
from vitrine.kernel.environment import Buckets
from vitrine.kernel.errors import Forbidden, Unauthenticated
from vitrine.kernel.ids import Ids
from vitrine.kernel.surface import Limit
from vitrine.trust import service as trust

ANNA = Identity(issuer="https://id.test/", subject="auth0|anna", email="anna@example.test")
MINUTE = Limit("minute", 300, 60)


def lived_in() -> tuple[Dealer, str]:
    """With a device, a person who signed in, one who is invited, and pictures; and the device's token."""
    dealer = Dealer.open()
    token = dealer.device()
    for name in ("anna", "ben"):
        dealer.invite(name)
    login.sign_in(ANNA, Ids.random(NOW), NOW)
    gate.admit(token, MINUTE, NOW)
    service.set_policies(dealer.tenant, {"enrolment": Enrolment.CODE})
    for bucket, key in (("uploads", "org/{}/a.jpg"), ("media", "org/{}/b.jpg"), ("media", "originals/org/{}/a.jpg")):
        put(bucket, key.format(dealer.org_id))
    put("media", f"capture/{dealer.tenant}/features.npz")
    return dealer, token


def test_nothing_is_left_of_an_erased_organisation_and_nobody_of_it_comes_in() -> None:
    (dealer, token), (other, others) = lived_in(), _another()
    done = trust.erase(dealer.tenant, Buckets.load(), WORK, NOW)
    assert trust.erase(dealer.tenant, Buckets.load(), WORK, done.settles_at + timedelta(minutes=1)).finished_at
    assert mentions(dealer.tenant) + mentions(dealer.org_id) + mentions("example.test") + mentions("auth0|anna") == []
    with pytest.raises(Unauthenticated):
        gate.admit(token, MINUTE, NOW)
    with pytest.raises(Forbidden):
        login.sign_in(ANNA, Ids.random(NOW), NOW)
    assert gate.admit(others, MINUTE, NOW)
    assert dealer.org_id not in service.listed()
    assert other.org_id in service.listed()


def _another() -> tuple[Dealer, str]:
    dealer = Dealer.open()
    return dealer, dealer.device()


def test_the_copy_has_people_devices_and_pictures_and_no_secret(tmp_path: Path) -> None:
    dealer, _ = lived_in()
    copy = trust.export(dealer.tenant, tmp_path, Buckets.load(), NOW)
    assert copy.pictures == 4
    items = json.loads((tmp_path / "identity.json").read_text())
    assert {item["kind"] for item in items} == {
        "ORGANISATION",
        "LISTED",
        "PERSON",
        "DEVICE",
        "SUBJECT",
        "INVITATION",
    }
    assert "code_hash" not in json.dumps(items)
