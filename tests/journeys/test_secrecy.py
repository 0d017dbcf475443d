"""What no log may hold, and what no function may be denied."""

import json

from tests.journeys.conftest import Stack
from tests.support import pictures
from tests.support.backstage import Backstage
from tests.support.customer import Customer

PLANTED = "planted-secret-do-not-log"


def test_a_whole_visit_leaves_no_secret_in_any_log(stack: Stack, alice: Customer, backstage: Backstage) -> None:
    project = alice.project(f"{PLANTED} in a name")
    photo = pictures.file(pictures.room(), exif=pictures.exif({0x010E: PLANTED}))
    upload = alice.upload(photo)
    image_id = alice.order(upload, key=f"{PLANTED}-key")
    image = alice.wait(image_id)
    alice.follow(image_id)
    alice.http.patch(f"/api/v1/projects/{project}", json={"description": PLANTED})
    alice.post("projects", {"name": [PLANTED]})
    alice.get("projects", cursor=PLANTED)
    alice.plain.get(alice.http.base_url.join(f"api/v1/events?image_id={image_id}&access_token={alice.token}"))
    with stack.bearing("realstaging", f"{PLANTED}.{PLANTED}.{PLANTED}") as http:
        http.get("/api/v1/projects")
        http.post("/api/v1/stripe/webhook", json={"id": PLANTED}, headers={"Stripe-Signature": PLANTED})

    token = backstage.task_token(alice.tenant, image_id)
    assert token
    secrets = {PLANTED, alice.token, token, "@example.test", "X-Amz-Signature", image["originalUrl"].partition("?")[2]}
    written = "\n".join(backstage.logs())
    assert alice.tenant in written
    assert [secret for secret in secrets if secret in written] == []


def test_every_request_is_logged_in_one_line_with_its_outcome(alice: Customer, backstage: Backstage) -> None:
    answer = alice.post("projects", {"name": ""})
    assert answer.status_code == 422
    lines = [json.loads(line) for line in backstage.logs("api-projects") if answer.headers["x-request-id"] in line]
    (line,) = [line for line in lines if line.get("message") == "request"]
    assert (line["status"], line["outcome"], line["tenant"]) == (422, "invalid", alice.tenant)
    assert line["route"] == "POST /api/v1/projects"


def test_pages_of_projects_follow_each_other(alice: Customer) -> None:
    made = {alice.project(str(number)) for number in range(3)}
    first = alice.get("projects", limit=2).json()
    rest = alice.get("projects", limit=2, cursor=first["next_cursor"]).json()
    assert {project["id"] for project in first["items"] + rest["items"]} == made
    assert rest["next_cursor"] is None
