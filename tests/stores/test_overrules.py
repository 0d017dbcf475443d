"""Verdicts counted in their windows: once, in whatever order, and told when people overrule too often."""

import json
from typing import Any

import boto3
import pytest

from tests.support.dealer import Dealer
from tests.support.measured import JudgedSet, judged_set
from vitrine.capture.overrules import rules, service, store
from vitrine.capture.overrules.models import Decided, Window
from vitrine.capture.thresholds.models import ORGANISATION
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now
from vitrine.set_qc.models import Mode

STUDIO = Mode.STUDIO360


def count(spin: JudgedSet) -> None:
    service.count_set(spin.tenant, spin.id, utc_now())


def told() -> list[Any]:
    items = boto3.client("dynamodb").scan(TableName="capture")["Items"]
    return [json.loads(item["body"]["S"]) for item in items if item.get("type", {}).get("S") == "CheckOverruledOften"]


def nearly_often(dealer: Dealer, scope: str) -> None:
    """A whole window in which people overruled a check in ten sets."""
    moment, window = utc_now(), Window(tenant=dealer.tenant, scope=scope, mode=STUDIO)
    names = [("sharpness",) if number > 39 else () for number in range(50)]
    sets = [
        Decided(session_id=str(number), thresholds="1", judged_at=moment, failed=each, overruled=each)
        for number, each in enumerate(names)
    ]
    tables.commit(store.put(window.model_copy(update={"sets": tuple(sets), "version": 1})))


def test_a_set_counts_for_its_site_and_its_organisation_once() -> None:
    dealer = Dealer.open()
    other = dealer.add_site()
    spins = [judged_set(dealer, blurred=True, said={5: True}), judged_set(dealer, site_id=other)]
    for spin in (*spins, *spins):
        count(spin)
    found = {site: service.rates(dealer.tenant, site, STUDIO) for site in (None, dealer.site_id, other)}
    assert {site: sets for site, (sets, _) in found.items()} == {None: 2, dealer.site_id: 1, other: 1}
    assert [rate.rate for rate in found[None][1]] == [0.5]
    assert service.rates(dealer.tenant, None, Mode.WALK360) == (0, ())


def test_the_set_that_passes_the_share_tells_once_for_site_and_organisation() -> None:
    dealer = Dealer.open()
    for scope in (dealer.site_id, ORGANISATION):
        nearly_often(dealer, scope)
    spin = judged_set(dealer, blurred=True, said={5: True})
    for _ in range(2):
        count(spin)
    count(judged_set(dealer, blurred=True, said={5: True}))
    events = told()
    assert {event["site_id"] for event in events} == {dealer.site_id, None}
    assert {(event["session_id"], event["check"], event["overruled"], event["rate"]) for event in events} == {
        (spin.id, "sharpness", 11, 0.22)
    }
    assert len(events) == 2


def test_what_others_count_meanwhile_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    dealer = Dealer.open()
    first, second = judged_set(dealer), judged_set(dealer)
    counted = rules.counted

    def meanwhile(window: Window, found: Decided) -> Window:
        monkeypatch.setattr(rules, "counted", counted)
        count(second)
        return counted(window, found)

    monkeypatch.setattr(rules, "counted", meanwhile)
    count(first)
    assert service.rates(dealer.tenant, None, STUDIO)[0] == 2


def test_a_session_without_a_verdict_counts_nothing() -> None:
    dealer = Dealer.open()
    service.count_set(dealer.tenant, dealer.site_id, utc_now())
    assert service.rates(dealer.tenant, None, STUDIO) == (0, ())


def test_the_rates_of_the_organisation_are_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    count(judged_set(Dealer.open(), blurred=True, said={5: True}))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "OverruleRate" in line]
    assert [(line["OverruleRate"], line["check"]) for line in lines] == [([100.0], "sharpness")]
