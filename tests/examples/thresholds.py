"""Calls about thresholds: of a site with two judged sets, one of which is judged again."""

from typing import Any

from functions.imaging360_api.surface import SURFACE
from tests.examples import Call
from tests.support.dealer import Dealer
from tests.support.measured import judged_set
from tests.support.surfaces import call

LOOSER = {"sharpness": {"warn": 0.8, "fail": 0.7}, "ev": {"warn": 0.3, "fail": 1.0}}


def calls(dealer: Dealer, admin: str) -> dict[str, Call]:
    site = {"mode": "studio360", "site_id": dealer.site_id}
    first = judged_set(dealer, stock="STK-101", blurred=True, said={5: True})
    judged_set(dealer, stock="STK-102")

    def does(route: str, body: Any = None, **known: Any) -> Call:
        return lambda: call(SURFACE, route, token=admin, body=body, **known)

    why = {"after": 0, "reason": "Our night shifts are dark, and reviewers pass nearly all of it."}
    new, version = {**site, **why, "values": LOOSER}, f"{dealer.site_id}-studio360-1"
    return {
        "POST /v1/thresholds/what-if": does("POST /v1/thresholds/what-if", {**site, "values": LOOSER}),
        "POST /v1/thresholds/versions": does("POST /v1/thresholds/versions", new),
        "GET /v1/thresholds": does("GET /v1/thresholds", query=site),
        "GET /v1/thresholds/versions": does("GET /v1/thresholds/versions", query=site),
        "GET /v1/thresholds/versions/{id}": does("GET /v1/thresholds/versions/{id}", id=version),
        "POST /v1/sessions/{id}/judge": does("POST /v1/sessions/{id}/judge", id=first.id),
    }
