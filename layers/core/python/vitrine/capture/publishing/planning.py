"""A publication begins: what it will hold, decided once and written down for the states that follow."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from vitrine.capture import rules as capture_rules
from vitrine.capture import service as sessions
from vitrine.capture.frames import keys as frame_keys
from vitrine.capture.models import Image, Session, SetVerdict
from vitrine.capture.publishing import keys, naming, rules, storage
from vitrine.capture.publishing.failures import NothingToPublish, PlatesUnknown, SetChanged
from vitrine.capture.publishing.kinds import EXPORT
from vitrine.capture.publishing.models import Manifest, ManifestVehicle, Order, Plan, PlannedFrame, Steps
from vitrine.contracts.inference import Plate, SeenFrame
from vitrine.identity.organisations import service as organisations
from vitrine.identity.organisations.models import Policies, Redaction
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel.errors import NotFound
from vitrine.set_qc.models import Direction, SetReport

_READS_AT_ONCE = 16


def plan(tenant: str, job_id: str, attempt: int, looked: bool, bucket: str, now: datetime) -> Steps:
    """Start the job's clock, write its plan, and say what is to be done.

    With `looked` the endpoint was asked for plates already, so what is unknown now stays so: nothing is published then.
    Idempotency key: the job, whose first plan without unknown plates stays. Raises `JobIsOver`, `NotFound`,
    `SetChanged`, `PlatesUnknown`, `NothingToPublish`, `StorageUnavailable`.
    """
    job = jobs.change(tenant, job_id, lambda job: jobs_rules.start(job, now, EXPORT.may_work))
    made = _known(job, bucket) or _made(job, bucket)
    if made.unseen and looked:
        raise PlatesUnknown
    storage.put(bucket, keys.plan_key(tenant, job.subject, job_id), made.model_dump_json().encode())
    return Steps.of(made, job.subject, attempt)


def _known(job: Job, bucket: str) -> Plan | None:
    found = read(job.tenant, job.subject, job.id, bucket)
    return found if found and not found.unseen else None


def read(tenant: str, session_id: str, job_id: str, bucket: str) -> Plan | None:
    found = storage.find(bucket, keys.plan_key(tenant, session_id, job_id))
    return Plan.model_validate_json(found) if found else None


def _made(job: Job, bucket: str) -> Plan:
    captured = sessions.read(job.tenant, job.subject)
    if captured is None:
        raise NotFound("There is no such session.")
    order = Order.model_validate(job.input)
    if captured.session.set_version != order.set_version:
        raise SetChanged
    images = rules.frames_of(captured.images)
    if not images:
        raise NothingToPublish
    policies = organisations.find(job.tenant).policies
    return _plan(job, order, captured.session, images, captured.verdict, policies, bucket)


def _plan(
    job: Job,
    order: Order,
    session: Session,
    images: Sequence[Image],
    verdict: SetVerdict | None,
    policies: Policies,
    bucket: str,
) -> Plan:
    report = report_of(verdict, bucket)
    front = report.front_frame if report else None
    views = plates_of(session, images, bucket) if policies.redaction is not Redaction.OFF else {}
    identifier, count = naming.identifier(session.vehicle), capture_rules.frame_count(session)

    def frame(image: Image, name: str) -> PlannedFrame:
        place = image.position.frame
        return rules.planned(
            image,
            name,
            frame_keys.original_key(image.storage_key),
            report=report,
            order=order,
            plates=views.get(image.id),
            angle_deg=place * 360 / count if place is not None and count else None,
            view=rules.view_deg(place, images, front, count),
        )

    turn = rules.turn(session, images, front, report, policies.first_frame)
    taken: set[str] = set()
    stills = [image for image in images if image.position.frame is None]
    return Plan(
        tenant=job.tenant,
        job_id=job.id,
        identifier=identifier,
        manifest=_manifest(job, order, session, turn, report, policies),
        turn=tuple(frame(image, naming.frame_name(identifier, at)) for at, (_, image) in enumerate(turn, start=1)),
        stills=tuple(frame(each, naming.still_name(identifier, each.position.shot_name, taken)) for each in stills),
    )


def _manifest(
    job: Job,
    order: Order,
    session: Session,
    turn: Sequence[tuple[int, Image]],
    report: SetReport | None,
    policies: Policies,
) -> Manifest:
    count = capture_rules.frame_count(session)
    there = {place for place, _ in turn}
    return Manifest(
        session_id=session.id,
        set_version=order.set_version,
        published_at=job.created_at,
        captured_from=session.started_at,
        vehicle=ManifestVehicle(vin=session.vehicle.vin, stock=session.vehicle.stock),
        mode=session.mode,
        frame_count=count or None,
        missing=tuple(place for place in range(count) if place not in there),
        first_frame=policies.first_frame,
        direction=report.direction if report else Direction.UNKNOWN,
        redaction=policies.redaction,
        set_status=session.set_status.value,
        override=order.override,
        frames=(),
        package=None,
    )


def report_of(verdict: SetVerdict | None, bucket: str) -> SetReport | None:
    """The whole report of the last verdict. Raises `StorageUnavailable`."""
    found = storage.find(bucket, verdict.report_key) if verdict else None
    return SetReport.model_validate_json(found) if found else None


def plates_of(session: Session, images: Iterable[Image], bucket: str) -> dict[str, tuple[Plate, ...]]:
    """The plates of the frames that the endpoint has looked at, by the frame's id. Raises `StorageUnavailable`."""
    found = {image.id: frame_keys.view_key(session.tenant, session.id, image.id) for image in images}
    with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
        views = zip(found, pool.map(lambda key: storage.find(bucket, key), found.values()), strict=True)
        return {image_id: _plates(view) for image_id, view in views if view}


def plates_of_one(tenant: str, session_id: str, image_id: str, bucket: str) -> tuple[Plate, ...] | None:
    """None for a frame that the endpoint has not looked at. Raises `StorageUnavailable`."""
    view = storage.find(bucket, frame_keys.view_key(tenant, session_id, image_id))
    return _plates(view) if view else None


def _plates(view: bytes) -> tuple[Plate, ...]:
    return SeenFrame.model_validate_json(view).plates
