"""A published set, made in memory."""

from collections.abc import Callable

from tests.support.clock import now
from vitrine.capture.models import CaptureMode
from vitrine.capture.publishing.models import (
    Made,
    Manifest,
    ManifestVehicle,
    Plan,
    PlannedFrame,
    PublishedFile,
    Verdict,
)
from vitrine.identity.organisations.models import FirstFrame, Redaction
from vitrine.set_qc.models import CheckStatus, Direction


def any_planned(number: int, name: str, **changes: object) -> PlannedFrame:
    frame = PlannedFrame(
        image_id=f"image-{number}",
        name=name,
        original_key=f"originals/org/{number}.jpg",
        frame=number,
        angle_deg=number * 15.0,
        view_deg=None,
        shot_name=None,
        captured_at=now(),
        uploaded_sha256=f"{number:064x}",
        original_sha256=f"{number:064x}",
        qc=Verdict(thresholds="t1", status=CheckStatus.PASS, checks={"sharpness": CheckStatus.PASS}),
        plates=(),
    )
    return frame.model_copy(update=changes)


def any_manifest(**changes: object) -> Manifest:
    manifest = Manifest(
        session_id="0199-session",
        set_version=24,
        published_at=now(),
        captured_from=now(),
        vehicle=ManifestVehicle(vin=None, stock="STK-001"),
        mode=CaptureMode.STUDIO360,
        frame_count=24,
        first_frame=FirstFrame.FRONT_THREE_QUARTER,
        direction=Direction.CLOCKWISE,
        redaction=Redaction.BLUR,
        set_status="complete",
        frames=(),
        package=None,
    )
    return manifest.model_copy(update=changes)


def any_plan(count: int = 3, stills: int = 0) -> Plan:
    turn = tuple(any_planned(at, f"STK-001_01_{at + 1:03}.jpg") for at in range(count))
    others = tuple(
        any_planned(100 + at, f"STK-001_dash_{at}.jpg", frame=None, angle_deg=None, shot_name="dash")
        for at in range(stills)
    )
    return Plan(tenant="ten_a", job_id="job", manifest=any_manifest(), identifier="STK-001", turn=turn, stills=others)


def made_of(plan: Plan, sha256: Callable[[PlannedFrame], str]) -> dict[str, Made]:
    files = {
        frame.image_id: PublishedFile(name=frame.name, sha256=sha256(frame), size=9, width=1200, height=900)
        for frame in plan.frames
    }
    return {image: Made(image_id=image, published=file, edits=("metadata_removed",)) for image, file in files.items()}
