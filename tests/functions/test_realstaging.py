"""The realstaging surface through its Lambda handlers, as its clients would use it; AWS is moto."""

from typing import Any

import boto3
import pytest

from functions.realstaging_api import events, images, projects, reference, uploads
from tests.support.issuer import issuer
from tests.support.requests import Reply, send
from vitrine.assets import service as assets
from vitrine.assets.models import AssetState, Inspection, Rejection, Verdict
from vitrine.billing import service as billing
from vitrine.contracts.catalogue import Style
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobError
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now
from vitrine.staging import following
from vitrine.work import ending

ALICE, BOB = "alice", "bob"


def create(what: Any, path: str, body: Any, who: str = ALICE, **headers: str) -> Reply:
    return send(what.handler, "POST", path, body=body, token=issuer().token(who), headers=headers)


def read(what: Any, path: str, who: str = ALICE, query: dict[str, str] | None = None, **headers: str) -> Reply:
    return send(what.handler, "GET", path, token=issuer().token(who), query=query, headers=headers)


def change(path: str, body: Any, **headers: str) -> Reply:
    return send(projects.handler, "PATCH", path, body=body, token=issuer().token(ALICE), headers=headers)


def delete(path: str) -> Reply:
    return send(projects.handler, "DELETE", path, token=issuer().token(ALICE))


def a_project(who: str = ALICE, name: str = "Elm Street 4") -> str:
    return str(create(projects, "/api/v1/projects", {"name": name}, who).json()["id"])


def an_upload(who: str = ALICE) -> dict[str, Any]:
    body = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1234}
    answer: dict[str, Any] = create(uploads, "/api/v1/uploads/presign", body, who).json()
    return answer


def an_image(who: str = ALICE, **changes: Any) -> Reply:
    body = {"project_id": a_project(who), "original_url": an_upload(who)["file_key"], **changes}
    return create(images, "/api/v1/images", body, who)


def tenant_of(file_key: str) -> str:
    return file_key.split("/")[1]


def reject(upload: dict[str, Any]) -> None:
    tenant = tenant_of(upload["file_key"])
    inspection = Inspection(
        tenant=tenant,
        asset_id=upload["asset_id"],
        key=upload["file_key"],
        verdict=Verdict.REJECTED,
        reason=Rejection(code="truncated", message="The file ends early."),
    )
    asset = assets.record(inspection, utc_now())
    assert asset is not None
    assert asset.state is AssetState.REJECTED


def test_a_project_is_created_read_changed_and_deleted() -> None:
    made = create(projects, "/api/v1/projects", {"name": "Elm Street 4"})
    assert made.status == 201
    path = f"/api/v1/projects/{made.json()['id']}"
    assert read(projects, path).json() == made.json()
    changed = change(path, {"description": "sunny"})
    assert (changed.json()["name"], changed.json()["description"]) == ("Elm Street 4", "sunny")
    assert delete(path).status == 204
    assert read(projects, path).status == 404
    assert delete(path).status == 404


@pytest.mark.parametrize("what", ["a" * 3000, "prj_a#b", "img_\x00", "..", "prj_01HX0000000000000000000000"])
def test_what_cannot_be_an_id_is_not_found(what: str) -> None:
    path = what.replace("\x00", "%00")
    assert read(projects, f"/api/v1/projects/{path}").status == 404
    assert read(images, f"/api/v1/images/{path}").status == 404
    assert read(events, "/api/v1/events", query={"image_id": what}).status == 404
    assert an_image(project_id=what).status == 404


def test_a_change_touches_only_what_it_says() -> None:
    path = f"/api/v1/projects/{a_project()}"
    for fields in ({"description": "sunny"}, {"name": "Oak Street 5"}, {}):
        assert change(path, fields).status == 200
    project = read(projects, path).json()
    assert (project["name"], project["description"]) == ("Oak Street 5", "sunny")
    change(path, {"description": None})
    assert read(projects, path).json()["description"] is None


def test_a_project_that_is_not_there_cannot_be_changed() -> None:
    foreign = a_project(BOB)
    reply = change(f"/api/v1/projects/{foreign}", {"name": "mine"})
    assert reply.status == 404
    assert read(projects, f"/api/v1/projects/{foreign}", BOB).json()["name"] == "Elm Street 4"


def test_a_deleted_project_is_kept_for_30_days() -> None:
    project = a_project()
    delete(f"/api/v1/projects/{project}")
    items = boto3.client("dynamodb").scan(TableName="staging")["Items"]
    (kept,) = [item for item in items if item["sk"]["S"] == f"DELETED#{project}"]
    assert "expires_at" in kept


def test_projects_are_listed_newest_first_and_page_by_page() -> None:
    made = [a_project(name=f"number {number}") for number in range(5)]
    a_project(BOB)
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        page = read(projects, "/api/v1/projects", query=query).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query = {"limit": "2", "cursor": page["next_cursor"]}
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5


@pytest.mark.parametrize("cursor", ["nonsense", "AAAA", "é", "=" * 40])
def test_a_cursor_that_we_did_not_make_is_refused(cursor: str) -> None:
    assert read(projects, "/api/v1/projects", query={"cursor": cursor}).status == 422


def test_another_tenants_cursor_is_refused() -> None:
    for number in range(2):
        a_project(name=str(number))
    cursor = read(projects, "/api/v1/projects", query={"limit": "1"}).json()["next_cursor"]
    assert read(projects, "/api/v1/projects", BOB, {"cursor": cursor}).status == 422


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "  "}, {"name": "n" * 201}, {"name": 5}, {"name": None}])
def test_a_project_needs_a_name(body: Any) -> None:
    assert create(projects, "/api/v1/projects", body).status == 422


@pytest.mark.parametrize(("fields", "status"), [({"name": None}, 200), ({"name": ""}, 422)])
def test_a_projects_name_cannot_be_taken_away(fields: Any, status: int) -> None:
    path = f"/api/v1/projects/{a_project()}"
    assert change(path, fields).status == status
    assert read(projects, path).json()["name"] == "Elm Street 4"


def test_an_image_is_accepted_before_its_upload_arrives() -> None:
    reply = an_image(style="scandinavian", room_type="bedroom", seed=7)
    assert reply.status == 202
    image = read(images, f"/api/v1/images/{reply.json()['id']}").json()
    assert image["status"] == "queued"
    assert (image["style"], image["roomType"], image["seed"]) == ("scandinavian", "bedroom", 7)
    assert image["stagedUrl"] is None
    assert image["error"] is None
    assert "X-Amz-Signature" in image["originalUrl"]
    assert "/originals/" in image["originalUrl"] and "uploads" not in image["originalUrl"]


def test_the_uploads_own_url_is_as_good_as_its_key() -> None:
    upload = an_upload()
    url = upload["upload_url"].split("?")[0]
    assert an_image(original_url=url).status == 202
    assert an_image(original_url=f"s3://uploads/{upload['file_key']}").status == 202


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/room.jpg",
        "https://other-bucket.s3.us-east-1.amazonaws.com/uploads/ten_a/ast_a/room.jpg",
        "s3://other/uploads/ten_a/ast_a/room.jpg",
        "uploads/ten_other/ast_00000000000000000000000000/room.jpg",
        "http://169.254.169.254/latest/meta-data",
        "",
    ],
)
def test_a_photo_from_elsewhere_is_refused(url: str) -> None:
    reply = an_image(original_url=url)
    assert reply.status == 422
    assert reply.json()["errors"][0]["field"] == "body.original_url"


def test_another_tenants_upload_is_refused_like_one_that_is_not_there() -> None:
    theirs = an_image(original_url=an_upload(BOB)["file_key"])
    nobodys = an_image(original_url="uploads/ten_x/ast_00000000000000000000000000/room.jpg")
    assert theirs.status == nobodys.status == 422
    assert theirs.json()["detail"] == nobodys.json()["detail"]


def test_a_rejected_upload_is_refused_with_its_reason() -> None:
    upload = an_upload()
    reject(upload)
    reply = an_image(original_url=upload["file_key"])
    assert reply.status == 422
    assert "The file ends early." in reply.json()["detail"]


@pytest.mark.parametrize(
    ("field", "value", "known"), [("style", "baroque", "scandinavian"), ("room_type", "cellar", "bedroom")]
)
def test_an_unknown_choice_is_answered_with_the_known_ones(field: str, value: str, known: str) -> None:
    reply = an_image(**{field: value})
    assert reply.status == 422
    assert known in reply.json()["errors"][0]["message"]


@pytest.mark.parametrize("seed", [-1, 2**32, "seven", "7", 1.5, True])
def test_a_seed_is_a_32_bit_number(seed: Any) -> None:
    assert an_image(seed=seed).status == 422


def test_an_unknown_or_foreign_project_is_not_found() -> None:
    unknown, foreign = an_image(project_id="prj_nope"), an_image(project_id=a_project(BOB))
    assert unknown.status == foreign.status == 404
    assert unknown.json()["detail"] == foreign.json()["detail"]


def test_a_refused_image_holds_no_credit() -> None:
    upload = an_upload()
    before = billing.account(tenant_of(upload["file_key"])).balances
    an_image(project_id="prj_nope", original_url=upload["file_key"])
    assert billing.account(tenant_of(upload["file_key"])).balances == before


def test_without_credits_left_an_image_is_refused_and_nothing_is_queued() -> None:
    upload = an_upload()
    project = a_project()
    body = {"project_id": project, "original_url": upload["file_key"]}
    left = billing.account(tenant_of(upload["file_key"])).balances.available
    replies = [create(images, "/api/v1/images", body).status for _ in range(left + 1)]
    assert replies == [202] * left + [402]


def test_another_tenants_image_is_not_found() -> None:
    image = an_image().json()["id"]
    for reply in (
        read(images, f"/api/v1/images/{image}", BOB),
        read(events, "/api/v1/events", BOB, {"image_id": image}),
    ):
        assert reply.status == 404


@pytest.fixture
def died(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The body of a request under the key "k" whose process died between its commit and its answer."""
    body = {"project_id": a_project(), "original_url": an_upload()["file_key"]}
    commit = tables.commit

    def commit_and_die(*writes: Any) -> None:
        commit(*writes)
        raise KeyboardInterrupt

    monkeypatch.setattr(tables, "commit", commit_and_die)
    with pytest.raises(KeyboardInterrupt):
        create(images, "/api/v1/images", body, **{"Idempotency-Key": "k"})
    monkeypatch.setattr(tables, "commit", commit)
    return body


def test_the_same_key_stages_once_even_when_the_first_answer_was_lost(died: dict[str, Any]) -> None:
    assert create(images, "/api/v1/images", died, **{"Idempotency-Key": "k"}).status == 202
    assert billing.account(tenant_of(died["original_url"])).balances.held == 1


def test_a_try_that_committed_counts_even_when_the_project_is_gone_since(died: dict[str, Any]) -> None:
    delete(f"/api/v1/projects/{died['project_id']}")
    assert create(images, "/api/v1/images", died, **{"Idempotency-Key": "k"}).status == 202


def test_a_preview_costs_a_credit_too() -> None:
    upload = an_upload()
    assert an_image(original_url=upload["file_key"], quality="preview").status == 202
    assert billing.account(tenant_of(upload["file_key"])).balances.held == 1


@pytest.fixture
def finished() -> tuple[str, str]:
    """A tenant and an image of theirs that ended in error."""
    upload = an_upload()
    image = an_image(original_url=upload["file_key"]).json()["id"]
    tenant = tenant_of(upload["file_key"])
    jobs.change(tenant, image, lambda job: jobs_rules.start(job, utc_now()))
    ending.fail(tenant, image, JobError(code="too_dark", message="Turn on the lights."), utc_now())
    return tenant, image


def test_a_failed_image_says_why_and_gives_its_credit_back(finished: tuple[str, str]) -> None:
    tenant, image = finished
    view = read(images, f"/api/v1/images/{image}").json()
    assert (view["status"], view["error"], view["errorCode"]) == ("error", "Turn on the lights.", "too_dark")
    balances = billing.account(tenant).balances
    assert (balances.held, balances.spent) == (0, 0)


def test_events_are_replayed_from_where_the_client_stopped(finished: tuple[str, str]) -> None:
    _, image = finished
    everything = read(events, "/api/v1/events", query={"image_id": image})
    assert everything.headers["content-type"] == "text/event-stream"
    assert [line for line in everything.text.splitlines() if line.startswith(("id", "event", "data"))] == [
        "id: 1",
        "event: status",
        'data: {"status": "queued"}',
        "id: 2",
        "event: status",
        'data: {"status": "processing"}',
        "id: 3",
        "event: status",
        'data: {"status": "error"}',
    ]
    rest = read(events, "/api/v1/events", query={"image_id": image}, **{"Last-Event-ID": "2"})
    assert "id: 3" in rest.text
    assert "id: 2" not in rest.text


def test_a_client_that_has_seen_the_end_is_told_to_stop(finished: tuple[str, str]) -> None:
    _, image = finished
    assert read(events, "/api/v1/events", query={"image_id": image}, **{"Last-Event-ID": "3"}).status == 204


def test_the_last_event_id_may_come_in_the_query_and_the_header_goes_first(finished: tuple[str, str]) -> None:
    _, image = finished
    in_query = {"image_id": image, "lastEventId": "2"}
    rest = read(events, "/api/v1/events", query=in_query)
    assert "id: 3" in rest.text
    assert "id: 2" not in rest.text
    for _ in range(2):
        assert read(events, "/api/v1/events", query={**in_query, "lastEventId": "3"}).status == 204
    assert "id: 2" in read(events, "/api/v1/events", query=in_query, **{"Last-Event-ID": "1"}).text


@pytest.mark.parametrize("last", ["", "nonsense", "-1", "²", "9999990", "9" * 5000])
def test_a_last_event_id_that_is_not_ours_replays_everything(finished: tuple[str, str], last: str) -> None:
    _, image = finished
    assert "id: 1" in read(events, "/api/v1/events", query={"image_id": image}, **{"Last-Event-ID": last}).text


def test_a_browser_that_cannot_set_headers_may_send_the_token_in_the_query() -> None:
    image = an_image().json()["id"]
    query = {"image_id": image, "access_token": issuer().token(ALICE)}
    assert send(events.handler, "GET", "/api/v1/events", query=query).status == 200
    assert send(images.handler, "GET", f"/api/v1/images/{image}", query=query).status == 401


def test_a_response_is_held_until_something_happens_and_then_a_heartbeat_is_sent() -> None:
    upload = an_upload()
    image = an_image(original_url=upload["file_key"]).json()["id"]
    tenant = tenant_of(upload["file_key"])
    slept: list[float] = []
    quiet = following.events_since(tenant, image, 1, hold_s=2.0, sleep=slept.append)
    assert quiet is not None
    assert ": heartbeat" in quiet
    assert "id:" not in quiet
    assert sum(slept) == 2.0

    def happen(_: float) -> None:
        jobs.change(tenant, image, lambda job: jobs_rules.start(job, utc_now()))

    assert "id: 2" in (following.events_since(tenant, image, 1, hold_s=2.0, sleep=happen) or "")


def test_the_openapi_document_is_served() -> None:
    reply = send(reference.handler, "GET", "/openapi.json")
    assert reply.status == 200
    assert "/api/v1/images" in reply.json()["paths"]


def test_the_catalogue_has_no_style_that_the_document_lacks() -> None:
    schema = send(reference.handler, "GET", "/openapi.json").json()["components"]["schemas"]["Style"]
    assert schema["enum"] == [style.value for style in Style]
