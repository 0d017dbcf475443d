"""Judged sets of a dealer's whose numbers are made up: no picture is drawn, and each lies where a verdict leaves it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from tests.support.captures import any_frame
from tests.support.clock import now
from tests.support.cloud import client
from tests.support.dealer import Dealer
from vitrine.capture import places, rules, service, store
from vitrine.capture.frames.keys import FrameKey, measured_key
from vitrine.capture.judging import reports
from vitrine.capture.judging import rules as judging
from vitrine.capture.judging.models import Measured
from vitrine.capture.models import Claim, Image, NewSession, Review, Session, SetVerdict
from vitrine.capture.opening import open_session
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal
from vitrine.set_qc.models import FrameMeasures, FrameRelations, Mode, SetMeasures, Step
from vitrine.set_qc.thresholds import DEFAULT, Thresholds

MEDIA = "media"
FRAMES = 12


def sharp(number: int, **changes: Any) -> FrameMeasures:
    """What is measured of a good frame of a studio."""
    found: dict[str, Any] = {
        "sharpness": 450.0,
        "detail": 40.0,
        "coarse_detail": 60.0,
        "noise": 1.0,
        "brightness": 0.5,
        "clipped_shadows": 0.01,
        "clipped_highlights": 0.01,
        "ring_lab": (80.0, 0.0, 0.0),
        "sha256": f"{number:064x}",
    }
    return FrameMeasures(**{**found, **changes})


def relations(ids: tuple[str, ...], mode: Mode, **changes: dict[str, Any]) -> SetMeasures:
    """Frames that stand as they should; `ev={"id": 0.8}` says what is odd of one."""
    odd = {frame: {name: values[frame] for name, values in changes.items() if frame in values} for frame in ids}
    plain: dict[str, Any] = {"nearest": 1.0, "shared": 1.0, "paint": 0.0, "ev": 0.0}
    frames = tuple(FrameRelations(id=frame, **{**plain, **odd[frame]}) for frame in ids)
    pairs = zip(ids, (*ids[1:], ids[0]), strict=True)
    steps = tuple(
        Step(
            first=first,
            second=second,
            distance=1.0,
            size=1.0,
            gap_score=-5.0,
            gap_count=0,
            rightward=0.9,
            shared=100,
            seam=second == ids[0],
        )
        for first, second in pairs
    )
    return SetMeasures(mode=mode, order=ids, frames=frames, steps=steps, rightward=0.9)


class JudgedSet:
    """A session of 12 frames, of which frame 3 is `ev` stops too bright, and frame 5 has 72 % of the
    crispness of the others if it is `blurred`.

    `said` is what people said of frames, by number.
    """

    def __init__(
        self, dealer: Dealer, ev: float, blurred: bool, said: dict[int, bool], site_id: str, mode: Mode, **opened: Any
    ) -> None:
        self.dealer, self.tenant = dealer, dealer.tenant
        session = _opened(dealer, site_id, mode, **opened)
        self.id = session.id
        images = [self._image(session, number, said) for number in range(FRAMES)]
        tables.commit(store.set_changed(session), *(write for image in images for write in store.insert_image(image)))
        self.measured = self._measured(session.model_copy(update={"set_version": 1}), images, ev, blurred)
        self.judge(DEFAULT[mode])

    def judge(self, thresholds: Thresholds) -> SetVerdict:
        """As the machine `set` does, without a job."""
        found = service.read(self.tenant, self.id)
        assert found is not None
        images, report = judging.counting(found.images), reports.report(self.measured, thresholds)
        key = measured_key(self.tenant, self.id, found.session.set_version)
        client("s3").put_object(Bucket=MEDIA, Key=key, Body=self.measured.model_dump_json().encode())
        verdict = judging.verdict(found.session, images, report, key, now())
        judged = rules.changed(
            found.session, now(), set_status=verdict.status, judged_version=verdict.set_version, report_key=key
        )
        tables.commit(store.replace(judged), store.put_verdict(judged, verdict, report.frames))
        return verdict

    def frame(self, number: int) -> str:
        return self.measured.frames[number].id

    def _image(self, session: Session, number: int, said: dict[int, bool]) -> Image:
        image_id = Ids.random(now()).uuid()
        key = FrameKey(self.dealer.org_id, session.site_id, session.id, image_id, "jpg")
        review = Review(passed=said.get(number, True), reason="It is the paint.", by=session.id, at=now())
        return any_frame(
            number,
            id=image_id,
            tenant=self.tenant,
            session_id=session.id,
            site_id=session.site_id,
            vehicle_id=session.vehicle.id,
            storage_key=str(key),
            claim=Claim(frame=number),
            review=review if number in said else None,
        )

    def _measured(self, session: Session, images: list[Image], ev: float, blurred: bool) -> Measured:
        ids, mode = tuple(image.id for image in images), session.mode
        measures = {frame: sharp(number) for number, frame in enumerate(ids)}
        if blurred:
            measures[ids[5]] = sharp(5, detail=28.8)
        own = Mode(mode.value)
        return Measured(
            session_id=session.id,
            set_version=session.set_version,
            mode=own,
            expected=FRAMES,
            frames=judging.turn(judging.counting(places.arrange(session, images))),
            measures=measures,
            relations=relations(ids, own, ev={ids[3]: ev}),
        )


def judged_set(
    dealer: Dealer,
    ev: float = 0.0,
    blurred: bool = False,
    said: dict[int, bool] | None = None,
    site_id: str | None = None,
    mode: Mode = Mode.STUDIO360,
    **opened: Any,
) -> JudgedSet:
    return JudgedSet(dealer, ev, blurred, said or {}, site_id or dealer.site_id, mode, **opened)


def _opened(dealer: Dealer, site_id: str, mode: Mode, at: datetime | None = None, stock: str | None = None) -> Session:
    moment = at or now()
    who = Principal(dealer.tenant, Ids.random(moment).uuid(), role="device", org_id=dealer.org_id)
    asked: dict[str, Any] = {
        "site_id": site_id,
        "vehicle": {"stock": stock or uuid4().hex},
        "mode": mode.value,
        "shot_list": {mode.value: {"frame_count": FRAMES}},
    }
    call = Call(who, moment, Ids.random(moment), "request")
    return open_session(call, NewSession.model_validate(asked), "Main Studio")
