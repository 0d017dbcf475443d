"""One small set whose Lambdas die, one after the other, each at its worst moment: from the frames' arrival to what is
public. No acknowledged frame is lost, the verdict comes, and the set is published whole or not at all.

What AWS would do next and the emulator does not (call a target of the bus again) the journey does, with the same event.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import Stack
from tests.journeys.test_capture import Camera, camera_of
from tests.support.backstage import Backstage
from tests.support.dying import Death, dying
from tests.support.patience import until
from tests.support.turntable import drawn

pytestmark = pytest.mark.usefixtures("alone")

PLACES, FRAMES, EVERY_S = 12, 8, 0.1
WHY = {"override_reason": "Drawn for a test."}


@dataclass
class Shoot:
    """The camera's set, and what a reviewer does with it."""

    camera: Camera
    backstage: Backstage
    tenant: str
    words: int = 0

    @contextmanager
    def dying(self, function: str, moment: str, only: str | None = None) -> Iterator[Death]:
        """Of what is this organisation's, unless said otherwise. Prints what it cost."""
        began = time.monotonic()
        with dying(self.backstage, function, moment, only or self.tenant) as death:
            yield death
        print(f"{function} {moment}: {time.monotonic() - began:.1f} s")

    def bring(self, *numbers: int) -> None:
        """These frames, until all that came are processed."""
        with ThreadPoolExecutor(len(numbers)) as pool:
            list(pool.map(lambda number: self.camera.upload(number, drawn(number, PLACES)), numbers))
        until(lambda: self.camera.has_all_processed(PLACES), 240, "the frames", EVERY_S)

    @property
    def path(self) -> str:
        return f"/v1/sessions/{self.camera.session}"

    def review(self) -> None:
        """Has the set judged again."""
        self.words += 1
        said = {"decision": "pass", "reason": f"Drawn, {self.words}."}
        image = self.camera.images()[0]["id"]
        self.camera.person.post(f"/v1/images/{image}/review", json=said).raise_for_status()

    def publish(self, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self.camera.person.post(f"{self.path}/publish", json=WHY, headers=headers).raise_for_status().json()

    def publication(self) -> Any:
        return self.camera.person.get(f"{self.path}/publication").raise_for_status().json()

    def end(self) -> str:
        """How the publication that was asked for last ended."""
        return str(until(lambda: _over(self.publication()["status"]), 240, "the publication's end", EVERY_S))

    def is_hidden(self) -> bool:
        shown = self.publication()
        return shown["manifest_url"] is None and not shown["frames"] and "published" not in self.camera.statuses()

    def is_run(self, job_id: str) -> bool:
        """Whether the publication's execution has ended."""
        return any(run["name"] == job_id and run["status"] != "RUNNING" for run in self.backstage.executions("publish"))

    def times_published(self) -> int:
        return len(self.backstage.items("capture", f"{self.tenant}#CHANGE#{self.camera.session}", "SetPublished#"))


def _over(status: str) -> str | None:
    return status if status != "publishing" else None


@pytest.fixture
def shoot(stack: Stack, backstage: Backstage) -> Iterator[Shoot]:
    clients: list[httpx.Client] = []
    camera = camera_of(stack, clients, PLACES, "reviewer")
    tenant = "ten_" + str(camera.read()["org_id"]).replace("-", "")
    yield Shoot(camera, backstage, tenant)
    for client in clients:
        client.close()


@pytest.mark.timeout(900)
def test_every_death_on_a_sets_way_leaves_its_frames_its_verdict_and_one_publication(shoot: Shoot) -> None:
    """One set for all deaths: a set of its own for each would cost minutes."""
    its_frames_come(shoot)
    it_is_judged(shoot)
    it_is_published(shoot)
    a_frame_is_published_alone(shoot)


def its_frames_come(shoot: Shoot) -> None:
    camera = shoot.camera
    with shoot.dying("pipeline-inspect-frame", "after PutObject", camera.session):
        shoot.bring(0)
    with shoot.dying("pipeline-record-frame", "after TransactWriteItems", camera.session):
        shoot.bring(1)
    with shoot.dying("reactions-publish-changes", "before PutEvents"):
        shoot.bring(*range(2, FRAMES))
        camera.complete()
        camera.verdict()
    assert camera.statuses() == ["processed"] * FRAMES


def it_is_judged(shoot: Shoot) -> None:
    """Again for each word of a reviewer, so once for each death."""
    camera = shoot.camera
    for function, moment in (
        ("pipeline-plan-set", "after TransactWriteItems"),
        ("pipeline-judge-set", "before TransactWriteItems"),
        ("pipeline-judge-set", "after TransactWriteItems"),
    ):
        with shoot.dying(function, moment):
            shoot.review()
            camera.verdict()
    with shoot.dying("reactions-judge-sets", "before TransactWriteItems") as death:
        shoot.review()
        death.deliver_again()
        camera.verdict()
    with shoot.dying("pipeline-look-at-frames", "after InvokeEndpoint"):
        shoot.bring(FRAMES)
        camera.verdict()
    assert camera.read()["image_count"] == FRAMES + 1
    assert camera.statuses() == ["processed"] * (FRAMES + 1)


def it_is_published(shoot: Shoot) -> None:
    """Nothing is public after a death, and another try comes as far as the next one."""
    for function, moment in (
        ("pipeline-plan-publication", "before PutObject"),
        ("pipeline-make-frames", "after PutObject"),
        ("pipeline-pack-set", "after PutObject"),
        ("pipeline-publish-set", "before TransactWriteItems"),
    ):
        with shoot.dying(function, moment):
            shoot.publish()
            assert shoot.end() == "failed", function
        assert shoot.is_hidden(), function
    its_end_is_lost(shoot)
    with shoot.dying("pipeline-publish-set", "after TransactWriteItems"):
        asked = shoot.publish("the last")
        assert shoot.end() == "published"
    assert shoot.publish("the last")["job_id"] == shoot.publish()["job_id"] == asked["job_id"]
    assert (len(shoot.publication()["frames"]), shoot.times_published()) == (FRAMES + 1, 1)
    assert shoot.camera.statuses() == ["published"] * (FRAMES + 1)


def its_end_is_lost(shoot: Shoot) -> None:
    """A publication whose failure nobody wrote down ends at its deadline, by the sweeper."""
    backstage = shoot.backstage
    with (
        shoot.dying("pipeline-end-capture", "before TransactWriteItems"),
        shoot.dying("pipeline-plan-publication", "before PutObject"),
    ):
        job_id = shoot.publish()["job_id"]
        until(lambda: shoot.is_run(job_id), what="the machine to end")
    assert shoot.publication()["status"] == "publishing"
    overdue = backstage.job(shoot.tenant, job_id).created_at - timedelta(minutes=5)
    backstage.set_deadline(shoot.tenant, job_id, overdue)
    assert not backstage.invoke("reactions-sweep-deadlines", {}).failed
    assert (shoot.end(), shoot.is_hidden(), shoot.times_published()) == ("failed", True, 0)


def a_frame_is_published_alone(shoot: Shoot) -> None:
    """Its maker is cold, and dies once: who asked is told to come back, and the next try publishes."""
    camera = shoot.camera
    camera.person.delete(f"{shoot.path}/publication").raise_for_status()
    image = camera.images()[0]["id"]

    def publish() -> httpx.Response:
        headers = {"Idempotency-Key": "alone"}
        return camera.person.post(f"/v1/images/{image}/publish", json=WHY, headers=headers)

    with shoot.dying("pipeline-make-frame", "after PutObject", image):
        answer = publish()
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "FRAME_NOT_READY")
        assert "published" not in camera.statuses()
        answer = until(lambda: _if_done(publish()), 240, "the frame to be public", 1.0)
    assert answer.json() == {"id": image, "status": "published", "published_at": answer.json()["published_at"]}
    assert publish().json() == answer.json()
    assert camera.statuses().count("published") == 1


def _if_done(answer: httpx.Response) -> httpx.Response | None:
    assert answer.status_code in (200, 503), answer.text
    return answer if answer.status_code == 200 else None
