"""Webhooks from a receiver's side: sent, and sent again, with signatures that the official library takes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.journeys.conftest import Stack
from tests.support import empty_room
from tests.support.customer import Customer
from tests.support.patience import until
from tests.support.receiver import Received, Receiver, Says, receiving

Json = dict[str, Any]
ALL = ["image.processing", "image.ready", "image.error"]
NOT_A_PHOTO = b"\xff\xd8\xff" + b"no picture" * 100


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@dataclass(frozen=True)
class Hook:
    """A registered webhook of a customer."""

    customer: Customer
    id: str
    secret: str

    @property
    def path(self) -> str:
        return f"webhooks/{self.id}"

    def view(self) -> Json:
        return read(self.customer, self.path)

    def test(self) -> Json:
        return sent(self.customer, f"{self.path}/test", 202)

    def log(self, **query: Any) -> Json:
        return read(self.customer, f"{self.path}/deliveries", **query)

    def delivery(self, delivery_id: str) -> Json:
        return read(self.customer, f"{self.path}/deliveries/{delivery_id}")

    def over(self, delivery_id: str) -> Json:
        """The delivery once it has been delivered or has failed for good."""
        until(lambda: self.delivery(delivery_id)["state"] != "pending", what=f"{delivery_id} to end")
        return self.delivery(delivery_id)

    def tried(self, delivery_id: str, times: int = 1) -> Json:
        until(lambda: len(self.delivery(delivery_id)["attempts"]) >= times, what=f"{delivery_id} to be tried")
        return self.delivery(delivery_id)


def read(customer: Customer, path: str, **query: Any) -> Json:
    answer = customer.get(path, **query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def sent(customer: Customer, path: str, status: int, body: Any = None) -> Json:
    answer = customer.post(path, body)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def register(customer: Customer, url: str, events: list[str] | None = None) -> Hook:
    made = sent(customer, "webhooks", 201, {"url": url, "events": events or ALL})
    return Hook(customer, made["id"], made["secret"])


def verified(call: Received, secret: str) -> Json:
    """As a receiver would: raises when the signature does not hold."""
    payload: Json = Webhook(secret).verify(call.body, call.headers)
    return payload


def test_every_change_of_an_image_is_told_in_order_with_signatures_that_hold(
    alice: Customer, receiver: Receiver
) -> None:
    hook = register(alice, receiver.url)
    image = alice.order(alice.upload(empty_room.photo()))
    until(lambda: len(receiver.received) == 2, 120, "two events")
    answered = {payload["type"]: payload for payload in (verified(call, hook.secret) for call in receiver.received)}
    assert set(answered) == {"image.processing", "image.ready"}
    done = answered["image.ready"]
    assert (done["data"]["id"], done["data"]["status"]) == (image, "ready")
    assert done["data"]["errorCode"] is None
    assert [call.headers["webhook-id"] for call in receiver.received if "image.ready" in call.body] == [f"{image}_3"]
    assert not [call for call in receiver.received if "http" in call.body], "payloads carry no URLs"
    assert datetime.fromisoformat(done["timestamp"]) == datetime.fromisoformat(alice.image(image)["updatedAt"])


def order_of_what_is_no_photo(who: Customer) -> str:
    """Ordered before its bytes come: an upload that was rejected takes no order."""
    upload = who.presign(NOT_A_PHOTO)
    image = who.order(upload)
    assert who.put(upload, NOT_A_PHOTO).status_code == 200
    return image


def test_an_image_that_ends_in_error_is_told_with_its_reason_and_to_those_who_asked_for_errors_alone(
    alice: Customer, receiver: Receiver
) -> None:
    hook = register(alice, receiver.url, ["image.error"])
    with receiving() as other:
        register(alice, other.url, ["image.ready"])
        image = order_of_what_is_no_photo(alice)
        until(lambda: receiver.received, what="the error")
        payload = verified(receiver.received[0], hook.secret)
        assert (payload["type"], payload["data"]["id"]) == ("image.error", image)
        assert payload["data"]["errorCode"] == alice.image(image)["errorCode"]
        assert other.received == []


def test_somebody_elses_images_are_not_told(alice: Customer, bob: Customer, receiver: Receiver) -> None:
    hook = register(bob, receiver.url)
    image = order_of_what_is_no_photo(alice)
    assert alice.wait(image)["status"] == "error"
    hook.over(hook.test()["id"])
    assert [json.loads(call.body)["type"] for call in receiver.received] == ["webhook.test"]
    for path in (hook.path, f"{hook.path}/deliveries"):
        assert alice.get(path).status_code == 404
    assert alice.http.delete(f"/api/v1/{hook.path}").status_code == 404


def test_a_receiver_that_fails_and_then_recovers_gets_its_event_under_the_same_id(alice: Customer) -> None:
    with receiving(Says(500), Says(503), Says(204, body=b"")) as receiver:
        hook = register(alice, receiver.url)
        delivery = hook.over(hook.test()["id"])
        assert delivery["state"] == "delivered"
        assert [(attempt["outcome"], attempt["status"]) for attempt in delivery["attempts"]] == [
            ("failed", 500),
            ("failed", 503),
            ("delivered", 204),
        ]
        assert {call.headers["webhook-id"] for call in receiver.received} == {delivery["event_id"]}
        times = [int(call.headers["webhook-timestamp"]) for call in receiver.received]
        assert times[0] < times[1] < times[2], "each attempt is signed anew"
        for call in receiver.received:
            verified(call, hook.secret)
    assert hook.view()["failing_since"] is None


def test_a_receiver_that_is_down_is_tried_again_and_its_trouble_is_shown(alice: Customer) -> None:
    with receiving() as receiver:
        url = receiver.url
    hook = register(alice, url)
    delivery = hook.tried(hook.test()["id"])
    assert delivery["attempts"][0]["outcome"] == "unreachable"
    assert (delivery["state"], bool(delivery["next_attempt_at"])) == ("pending", True)
    assert hook.view()["failing_since"]


def test_a_receiver_that_is_gone_is_not_called_again(alice: Customer) -> None:
    with receiving(Says(410)) as receiver:
        hook = register(alice, receiver.url)
        assert hook.over(hook.test()["id"])["state"] == "failed"
        view = hook.view()
        assert (view["enabled"], view["disabled_reason"]) == (False, "gone")
        later = hook.test()
        assert hook.over(later["id"])["attempts"] == []
        assert len(receiver.received) == 1
        receiver.answers = [Says(200)]
        answer = alice.http.patch(f"/api/v1/{hook.path}", json={"enabled": True})
        assert (answer.json()["enabled"], answer.json()["disabled_reason"]) == (True, None)
        assert hook.over(hook.test()["id"])["state"] == "delivered"


def test_a_redirect_to_the_metadata_service_is_refused(alice: Customer) -> None:
    with receiving(Says(307, {"Location": "http://169.254.169.254/latest/meta-data/"})) as receiver:
        hook = register(alice, receiver.url)
        delivery = hook.tried(hook.test()["id"])
    attempt = delivery["attempts"][0]
    assert (attempt["outcome"], attempt["status"]) == ("redirected", 307)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "scheme"),
        ("https://169.254.169.254/", "literal"),
        ("https://[fd00:ec2::254]/", "literal"),
        ("https://2130706433/", "literal"),
        ("https://localhost/", "inside"),
        ("https://user@hooks.example.com/", "userinfo"),
        ("http://127.0.0.2:8080/", "scheme"),
    ],
)
def test_an_address_that_is_not_public_cannot_be_registered(alice: Customer, url: str, reason: str) -> None:
    answer = alice.post("webhooks", {"url": url, "events": ALL})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "body.url", "kind": reason, "message": answer.json()["errors"][0]["message"]}
    ]


def test_a_name_that_leads_to_loopback_is_refused_when_it_is_called(alice: Customer) -> None:
    hook = register(alice, "https://vitrine.localtest.me/")
    attempt = hook.tried(hook.test()["id"])["attempts"][0]
    # Without a network the name leads nowhere; with one, to 127.0.0.1.
    assert attempt["outcome"] in {"refused", "unresolvable", "timeout"}
    assert attempt["status"] is None


def test_both_secrets_sign_while_a_rotation_lasts(alice: Customer, receiver: Receiver) -> None:
    hook = register(alice, receiver.url)
    rotated = sent(alice, f"{hook.path}/rotate-secret", 200)
    assert rotated["secret"].startswith("whsec_") and rotated["secret"] != hook.secret
    hook.over(hook.test()["id"])
    (call,) = receiver.received
    assert verified(call, hook.secret) == verified(call, rotated["secret"])
    assert len(call.headers["webhook-signature"].split()) == 2
    with pytest.raises(WebhookVerificationError):
        Webhook(f"whsec_{'A' * 44}").verify(call.body, call.headers)


def test_a_secret_is_shown_once(alice: Customer, receiver: Receiver) -> None:
    hook = register(alice, receiver.url)
    hook.over(hook.test()["id"])
    for path in (hook.path, "webhooks", f"{hook.path}/deliveries"):
        assert "whsec_" not in alice.get(path).text


def test_a_request_that_is_sent_twice_registers_once_and_shows_the_same_secret(
    alice: Customer, receiver: Receiver
) -> None:
    options = {"url": receiver.url, "events": ALL}
    first, again = (alice.post("webhooks", options, "one-key") for _ in range(2))
    assert first.json()["secret"] == again.json()["secret"]
    assert [found["id"] for found in read(alice, "webhooks")["items"]] == [first.json()["id"]]


def test_an_event_is_sent_once_more_when_it_is_asked_for(alice: Customer, receiver: Receiver) -> None:
    hook = register(alice, receiver.url)
    first = hook.over(hook.test()["id"])
    second = hook.over(sent(alice, f"{hook.path}/deliveries/{first['id']}/resend", 202)["id"])
    assert (second["resends"], second["event_id"]) == (first["id"], first["event_id"])
    bodies = [call.body for call in receiver.received]
    assert bodies[0] == bodies[1]
    assert json.loads(bodies[0]) == first["payload"]


def test_the_log_of_deliveries_goes_on_page_by_page(alice: Customer, receiver: Receiver) -> None:
    hook = register(alice, receiver.url)
    made = [hook.test()["id"] for _ in range(5)]
    first = hook.log(limit=3)
    rest = hook.log(limit=3, cursor=first["next_cursor"])
    assert [found["id"] for found in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    other = register(alice, receiver.url)
    assert alice.get(f"{other.path}/deliveries", cursor=first["next_cursor"]).status_code == 422


def test_an_account_has_at_most_ten_webhooks(alice: Customer, receiver: Receiver) -> None:
    hooks = [register(alice, receiver.url) for _ in range(10)]
    answer = alice.post("webhooks", {"url": receiver.url, "events": ALL})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")
    assert alice.http.delete(f"/api/v1/{hooks[0].path}").status_code == 204
    register(alice, receiver.url)


def test_neither_secrets_nor_payloads_nor_urls_are_logged(alice: Customer) -> None:
    with receiving(Says(500, body=b"a body of the receiver's")) as receiver:
        hook = register(alice, f"{receiver.url}?token=t0ps3cret")
        delivery = hook.tried(hook.test()["id"])
    logged = "\n".join(alice.backstage.logs())
    assert delivery["id"] in logged
    for hidden in (hook.secret, "whsec_", "t0ps3cret", "a body of the receiver's"):
        assert hidden not in logged


@pytest.fixture
def stagecraft(stack: Stack) -> Iterator[httpx.Client]:
    key = stack.api_key(f"webhooks-{uuid4().hex[:8]}")
    with stack.bearing("stagecraft", key) as client:
        yield client


def test_stagecraft_tells_of_stagings_and_batches_in_its_own_words(
    stagecraft: httpx.Client, receiver: Receiver
) -> None:
    events = ["staging.processing", "staging.completed", "staging.failed", "batch.completed"]
    made = stagecraft.post("/api/webhooks", json={"url": receiver.url, "events": events})
    assert made.status_code == 201, made.text
    files = [("images", (f"{name}.jpg", NOT_A_PHOTO + name.encode(), "image/jpeg")) for name in ("a", "b")]
    batch = stagecraft.post("/api/stage/batch", files=files, data={"style": "modern_luxury"})
    assert batch.status_code == 202, batch.text
    photos = {photo["id"] for photo in batch.json()["individual_stagings"]}
    until(lambda: len(receiver.received) >= 3, 120, "three events")
    answered = [verified(call, made.json()["secret"]) for call in receiver.received]
    failed = [payload["data"] for payload in answered if payload["type"] == "staging.failed"]
    assert {data["id"] for data in failed} == photos
    for data in failed:
        assert (data["status"], data["batch_id"]) == ("failed", batch.json()["batch_id"])
        assert data["error_message"] == stagecraft.get(f"/api/stage/{data['id']}").json()["error"]
    (over,) = [payload["data"] for payload in answered if payload["type"] == "batch.completed"]
    assert over["batch_id"] == batch.json()["batch_id"]


def test_stagecrafts_webhooks_refuse_in_the_documents_shape(stagecraft: httpx.Client) -> None:
    answer = stagecraft.post("/api/webhooks", json={"url": "https://169.254.169.254/", "events": ["staging.failed"]})
    assert answer.status_code == 422
    assert set(answer.json()["error"]) == {"code", "message", "details", "request_id"}
    foreign = stagecraft.post("/api/webhooks", json={"url": "https://hooks.example.com/", "events": ["image.ready"]})
    assert foreign.status_code == 422
