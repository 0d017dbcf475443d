"""A copy of everything and erasure, by the operator's commands on the deployed stack."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.journeys.conftest import Stack
from tests.journeys.test_retention import job_tenant, lying, staged
from tests.support import empty_room
from tests.support.agent import Agent, good
from tests.support.backstage import Backstage
from tests.support.customer import Customer
from tests.support.patience import until
from vitrine.jobs.models import JobState
from vitrine.kernel import schema

ONCE_MORE = 3
"""An erasure's exit status until an access token that was issued before has run out."""


def mentions(stack: Stack, text: str) -> list[str]:
    """Every item of every table that contains `text`."""
    scan = stack.aws("dynamodb").get_paginator("scan")
    tables = [stack.state.outputs[f"{known.name.title()}TableIs"] for known in schema.TABLES]
    items = [str(item) for table in tables for page in scan.paginate(TableName=table) for item in page["Items"]]
    return [item for item in items if text in item]


def test_an_account_of_stagecraft_is_exported_and_erased_by_its_address(
    stack: Stack, backstage: Backstage, tmp_path: Path
) -> None:
    key, email = stack.api_key("leaving"), "leaving@journeys.example"
    with stack.bearing("stagecraft", key) as http:
        refused = staged(http, empty_room.no_room())
        tenant = job_tenant(backstage, refused["id"])
        waits = http.post("/api/stage", json={"image": presigned(http), "style": "modern_luxury"}).json()["id"]
        out = json.loads(stack.vitrine("tenant", "export", "--email", email, "--out", str(tmp_path / "copy")))
        assert out["pictures"] == len(lying(backstage, tenant)) > 0
        assert email in (tmp_path / "copy" / "identity.json").read_text()
        assert key not in "".join(path.read_text() for path in (tmp_path / "copy").glob("*.json"))
        done = found(stack.vitrine("tenant", "erase", "--email", email, "--yes", answers=ONCE_MORE))
        assert (done["jobs_cancelled"], done["finished_at"]) == (1, None), waits
        assert lying(backstage, tenant) == []
        assert mentions(stack, tenant) + mentions(stack, email) == []
        assert http.get("/api/account").status_code == 401
        again = found(stack.vitrine("tenant", "erase", tenant, "--yes", answers=ONCE_MORE))
    assert again == done


def test_an_account_is_erased_while_its_batch_is_under_way(
    stack: Stack, backstage: Backstage, agents: Callable[[], Agent]
) -> None:
    """It waits for an upload that never comes, so however long an erasure takes to begin, it is not over before."""
    leaving, photo = agents(), empty_room.no_room()
    images = [*(leaving.upload(photo) for _ in range(5)), leaving.presign(len(photo))["file_key"]]
    batch = good(leaving.http.post("/api/stage/batch", json={"images": images, "style": "modern_luxury"}), 202)
    first = batch["individual_stagings"][0]["id"]
    until(lambda: leaving.job(first).state is not JobState.QUEUED, what="the batch to be under way")
    stack.vitrine("tenant", "erase", leaving.tenant, "--yes", answers=ONCE_MORE)
    assert [run["status"] for run in backstage.executions("batch") if run["name"] == batch["batch_id"]] == ["ABORTED"]

    def is_gone() -> bool:
        """An erasure made again takes what was in flight."""
        stack.vitrine("tenant", "erase", leaving.tenant, "--yes", answers=ONCE_MORE)
        return mentions(stack, leaving.tenant) + lying(backstage, leaving.tenant) == []

    until(is_gone, every_s=2)
    time.sleep(5)  # for what was in flight
    assert is_gone()


def found(printed: str) -> Any:
    """What an erasure says of itself, before it asks to be run again."""
    return json.JSONDecoder().raw_decode(printed)[0]


def presigned(http: object) -> str:
    """The key of an upload that never comes."""
    options = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1000}
    answer = http.post("/api/uploads/presign", json=options)  # type: ignore[attr-defined]
    return str(answer.json()["file_key"])


def test_a_tenant_of_realstaging_is_erased_and_another_keeps_everything(
    stack: Stack, backstage: Backstage, customer: Callable[[], Customer]
) -> None:
    leaving, staying = customer(), customer()
    for who in (leaving, staying):
        who.wait(who.order(who.upload(empty_room.no_room())))
    until(lambda: not backstage.items("jobs", "QUEUE#SLOTS", "0"), what="all work to be over")
    before = sorted(mentions(stack, staying.tenant)), lying(backstage, staying.tenant)
    stack.vitrine("tenant", "erase", leaving.tenant, "--yes", answers=ONCE_MORE)
    assert mentions(stack, leaving.tenant) + lying(backstage, leaving.tenant) == []
    assert (sorted(mentions(stack, staying.tenant)), lying(backstage, staying.tenant)) == before
