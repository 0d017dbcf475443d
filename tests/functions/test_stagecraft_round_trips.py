"""What a route of stagecraft costs in requests to DynamoDB, by API key, under an Idempotency-Key where it may be."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.stagecraft_api import account, auth, batches, health, staging, uploads
from tests.support import pictures
from tests.support.agency import Agency
from tests.support.requests import Reply, send
from vitrine.kernel import tables

PHOTO = pictures.file(pictures.room(320, 256))
KEY = {"Idempotency-Key": "k"}
UPLOAD = {"filename": "r.jpg", "content_type": "image/jpeg", "file_size": 9_000_000}
COSTS = {
    "GET /api/account": 4,
    "PATCH /api/account": 4,
    "POST /api/account/keys": 4,
    "DELETE /api/account/keys/{key_id}": 3,
    "POST /api/auth/token": 3,
    "POST /api/auth/refresh": 3,
    "POST /api/uploads/presign": 3,
    "POST /api/stage of a form": 3,
    "POST /api/stage of an upload": 3,
    "GET /api/stage/{staging_id}": 3,
    "POST /api/stage/batch": 4,
    "GET /api/stage/batch/{batch_id}": 4,
    "GET /api/health": 1,
}


def every_route() -> dict[str, Callable[[], Reply]]:
    """A successful call of each route, by an account of its own."""
    ann = Agency.open()
    spare = ann.post(account, "/api/account/keys", {}).json()["key_id"]
    family = ann.post(auth, "/api/auth/token", None).json()["refresh_token"]
    upload = ann.post(uploads, "/api/uploads/presign", UPLOAD).json()["file_key"]
    image = ann.post(staging, "/api/stage", {"image": upload, "style": "art_deco"}).json()["id"]
    fields = (("image", PHOTO), ("style", "art_deco"))
    eleven: list[tuple[str, str | bytes]] = [("images[]", PHOTO + bytes([number])) for number in range(11)]
    eleven.append(("style", "art_deco"))
    # Each Lambda looks now and then whether work is taken at all: not in the call that is counted.
    batch = ann.post_form(batches, "/api/stage/batch", *eleven[-2:]).json()["batch_id"]

    def call(module: Any, method: str, path: str, body: Any = None, **headers: str) -> Callable[[], Reply]:
        return lambda: send(module.handler, method, path, token=ann.key, body=body, headers=headers)

    return {
        "GET /api/account": call(account, "GET", "/api/account"),
        "PATCH /api/account": call(account, "PATCH", "/api/account", {"name": "Anna"}, **KEY),
        "POST /api/account/keys": call(account, "POST", "/api/account/keys", {"name": "n"}, **KEY),
        "DELETE /api/account/keys/{key_id}": call(account, "DELETE", f"/api/account/keys/{spare}"),
        "POST /api/auth/token": call(auth, "POST", "/api/auth/token", **KEY),
        "POST /api/auth/refresh": call(auth, "POST", "/api/auth/refresh", {"refresh_token": family}),
        "POST /api/uploads/presign": call(uploads, "POST", "/api/uploads/presign", UPLOAD, **KEY),
        "POST /api/stage of a form": lambda: ann.post_form(staging, "/api/stage", *fields, **KEY),
        "POST /api/stage of an upload": call(
            staging, "POST", "/api/stage", {"image": upload, "style": "art_deco"}, **KEY
        ),
        "GET /api/stage/{staging_id}": call(staging, "GET", f"/api/stage/{image}"),
        "POST /api/stage/batch": lambda: ann.post_form(batches, "/api/stage/batch", *eleven, **KEY),
        "GET /api/stage/batch/{batch_id}": call(batches, "GET", f"/api/stage/batch/{batch}"),
        "GET /api/health": call(health, "GET", "/api/health"),
    }


def cost(act: Callable[[], Reply]) -> int:
    before = tables.round_trips()
    reply = act()
    assert reply.status < 300, reply.text
    return tables.round_trips() - before


def round_trips() -> dict[str, int]:
    return {name: cost(every_route()[name]) for name in COSTS}


@pytest.mark.parametrize("route", COSTS)
def test_a_route_costs_so_many_round_trips_and_none_more_than_four(route: str) -> None:
    assert cost(every_route()[route]) == COSTS[route] <= 4
