"""Calls about what is published: of a set that is public already, and of a still that is not yet."""

from typing import Any

from functions.imaging360_api.addresses import Addresses
from functions.imaging360_api.surface import SURFACE
from tests.examples import Call
from tests.support.dealer import Dealer
from tests.support.judged import Machine, Spin
from tests.support.surfaces import call


def calls(dealer: Dealer, admin: str) -> dict[str, Call]:
    spin = Spin(dealer=dealer, brought=2).judged().looked_at()
    asked = call(SURFACE, "POST /v1/sessions/{id}/publish", token=admin, body={}, id=spin.id).json()
    Machine(spin.tenant, asked["job_id"]).run()
    still, key = spin.add_still("dash"), Addresses().key_of(spin.tenant, spin.id)

    def does(route: str, body: Any = None, token: str | None = admin, **known: Any) -> Call:
        headers = {"Idempotency-Key": route} if route.startswith("POST") else {}
        return lambda: call(SURFACE, route, token=token, body=body, headers=headers, **known)

    why = {"override_reason": "A scratch on the sill, shown on purpose."}
    return {
        "POST /v1/images/{id}/publish": does("POST /v1/images/{id}/publish", why, id=still.id),
        "GET /v1/images/{id}/original": does("GET /v1/images/{id}/original", id=still.id),
        "GET /v1/original-accesses": does("GET /v1/original-accesses"),
        "POST /v1/sessions/{id}/publish": does("POST /v1/sessions/{id}/publish", why, id=spin.id),
        "GET /v1/sessions/{id}/publication": does("GET /v1/sessions/{id}/publication", id=spin.id),
        "GET /v1/published/{key}/{file}": does("GET /v1/published/{key}/{file}", token=None, key=key, file="sirv.spin"),
        "DELETE /v1/sessions/{id}/publication": does("DELETE /v1/sessions/{id}/publication", id=spin.id),
    }
