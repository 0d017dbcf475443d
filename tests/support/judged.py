"""A judged set of an organisation's, with plates on some frames, ready to be published; and its machine's states."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.support import pictures, plates
from tests.support.captures import any_frame, any_session, uuid
from tests.support.clock import now
from tests.support.cloud import client
from tests.support.dealer import Dealer
from tests.support.plates import OBLIQUE, STRAIGHT, Corners
from tests.support.requests import CONTEXT
from vitrine.capture import store
from vitrine.capture.frames import keys as frame_keys
from vitrine.capture.models import Claim, Image, SetStatus, SetVerdict, Vehicle
from vitrine.contracts.inference import Plate, SeenFrame
from vitrine.identity.organisations.models import Policies, Redaction
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal
from vitrine.set_qc.models import Check, CheckStatus, Direction, SetReport

MEDIA = "media"
TEXT = "AB 123 CD"
PLATES: Mapping[int, Corners] = {0: STRAIGHT, 6: OBLIQUE}
"""Frames that show a plate; the others show paint."""
Json = dict[str, Any]


@cache
def original(number: int) -> bytes:
    shown = plates.rear(320, 240).copy()
    shown[:40, : 10 + 10 * number] = (30, 200, 60)  # so that no two frames are alike
    picture = plates.with_plate(shown, TEXT, PLATES[number]) if number in PLATES else shown
    return pictures.file(picture, quality=90, exif=pictures.exif({0x010F: "Maker"}, gps=True))


def check(status: CheckStatus) -> Check:
    return Check(score=1.0, threshold=2.0, status=status, code="blurred", message="Blurred.", remedy="Shoot again.")


class Spin:
    """A session of `frames` frames, of which the first `brought` are there. Frame 2 shows the front, if it is
    there; the camera went round counter-clockwise."""

    def __init__(
        self,
        frames: int = 12,
        redaction: Redaction = Redaction.BLUR,
        dealer: Dealer | None = None,
        brought: int | None = None,
        **session: Any,
    ) -> None:
        self.dealer = dealer or Dealer.open(Policies(redaction=redaction))
        self.tenant = self.dealer.tenant
        told: Json = {"set_status": SetStatus.COMPLETE, "set_version": 0, **session}
        vehicle = Vehicle(id=uuid(3), tenant=self.tenant, vin=None, stock="STK-001", created_at=now())
        self.session = any_session(
            frames,
            tenant=self.tenant,
            org_id=self.dealer.org_id,
            site_id=self.dealer.site_id,
            vehicle=vehicle,
            report_key=frame_keys.report_key(self.tenant, uuid(4), 0, "1"),
            **told,
        )
        self.images = [self._image(number) for number in range(brought or frames)]
        there = (write for image in self.images for write in store.insert_image(image))
        tables.commit(store.insert(self.session), *there)
        for number, image in enumerate(self.images):
            self.put(frame_keys.original_key(image.storage_key), original(number))

    @property
    def id(self) -> str:
        return self.session.id

    def _image(self, number: int) -> Image:
        image_id = uuid(1000 + number)
        key = frame_keys.FrameKey(self.dealer.org_id, self.dealer.site_id, self.session.id, image_id, "jpg")
        return any_frame(
            number,
            tenant=self.tenant,
            site_id=self.dealer.site_id,
            storage_key=str(key),
            content_sha256=hashlib.sha256(original(number)).hexdigest(),
            claim=Claim(frame=number),
            etag="etag",
            qc={"sharpness": check(CheckStatus.PASS)},
        )

    def add_still(self, shot_name: str) -> Image:
        """A frame beside the turn, which came after its verdict and shows no plate."""
        number = len(self.images)
        image = self._image(number).model_copy(update={"claim": Claim(shot_name=shot_name)})
        self.images.append(image)
        tables.commit(*store.insert_image(image))
        self.put(frame_keys.original_key(image.storage_key), original(number))
        self.saw(number, ())
        return image

    def put(self, key: str, body: bytes) -> None:
        client("s3").put_object(Bucket=MEDIA, Key=key, Body=body)

    def judged(self, **changes: Any) -> "Spin":
        """With a verdict, by which frame 2 shows the front."""
        report = SetReport(
            status="complete",
            thresholds="thresholds-1",
            frames={},
            checks={},
            order=tuple(image.id for image in self.images),
            direction=Direction.COUNTER_CLOCKWISE,
            front_frame=self.images[min(2, len(self.images) - 1)].id,
        ).model_copy(update=changes)
        key = self.session.report_key or ""
        self.put(key, report.model_dump_json().encode())
        verdict = SetVerdict(
            set_version=0, status=self.session.set_status, thresholds="1", report_key=key, judged_at=now()
        )
        tables.commit(store.put_verdict(self.session, verdict, {}))
        return self

    def looked_at(self, *numbers: int) -> "Spin":
        """The endpoint has seen these frames, all without numbers."""
        for number in numbers or range(len(self.images)):
            found = (Plate(corners=PLATES[number], confidence=0.9),) if number in PLATES else ()
            self.saw(number, found)
        return self

    def saw(self, number: int, found: tuple[Plate, ...]) -> None:
        image = self.images[number]
        view = SeenFrame(id=image.id, plates=found)
        self.put(frame_keys.view_key(self.tenant, self.id, image.id), view.model_dump_json().encode())

    def call(self, role: str = "reviewer", sites: frozenset[str] | None = None) -> Call:
        who = Principal(self.tenant, uuid(9), role=role, org_id=self.dealer.org_id, sites=sites)
        return Call(who, now(), Ids.random(now()), "request")

    def change(self, number: int, **changes: Any) -> None:
        """A frame's record, as somebody else changes it."""
        image = store.get_with_image(self.tenant, self.id, self.images[number].id)[1]
        assert image is not None
        after = image.model_copy(update={"version": image.version + 1, **changes})
        tables.commit(store.replace_image(after))

    # What is in the bucket.

    def keys(self, prefix: str) -> list[str]:
        found = client("s3").list_objects_v2(Bucket=MEDIA, Prefix=prefix).get("Contents", [])
        return [each["Key"] for each in found]

    def read(self, key: str) -> bytes:
        return bytes(client("s3").get_object(Bucket=MEDIA, Key=key)["Body"].read())

    def public_files(self) -> list[str]:
        return self.keys(f"published/{self.tenant}/")


class Machine:
    """The states of `publish` by their handlers, each given what the one before answered, through JSON."""

    def __init__(self, tenant: str, job_id: str) -> None:
        self.input: Json = {"tenant": tenant, "job_id": job_id, "attempt": 1}

    def plan(self, steps: Json | None = None) -> Json:
        from functions.pipeline import plan_publication

        return self._through(plan_publication, steps or self.input)

    def make(self, steps: Json) -> int:
        from functions.pipeline import make_frames

        return sum(self._through(make_frames, group)["made"] for group in steps["groups"])

    def pack(self, steps: Json) -> Json:
        from functions.pipeline import pack_set

        return self._through(pack_set, steps)

    def publish(self, steps: Json) -> Json:
        from functions.pipeline import publish_set

        return self._through(publish_set, steps)

    def run(self, tries: int = 1, between: Callable[[], None] = lambda: None) -> Json:
        """A state that fails is tried again, as the machine does; `between` looks at the world before that."""

        def act(state: Callable[[Json], Any], given: Json) -> Any:
            for _ in range(tries - 1):
                try:
                    return state(given)
                except Exception:
                    between()
            return state(given)

        steps = act(self.plan, self.input)
        for state in (self.make, self.pack):
            act(state, steps)
        return dict(act(self.publish, steps))

    def _through(self, state: Any, given: Json) -> Json:
        answer: Json = json.loads(json.dumps(state.handler(json.loads(json.dumps(given)), CONTEXT)))
        return answer
