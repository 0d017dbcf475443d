"""A set's verdict: from what was measured of its frames, under the thresholds that hold, in one transaction."""

from contextlib import suppress
from datetime import datetime

from vitrine.capture import rules, store
from vitrine.capture.frames import keys
from vitrine.capture.judging import counted, materials, planning, reports
from vitrine.capture.judging import rules as judging
from vitrine.capture.judging.models import Measured, Outcome
from vitrine.capture.models import Image, Session, SetVerdict
from vitrine.capture.telling import service as telling
from vitrine.capture.telling.models import SetJudged
from vitrine.capture.thresholds import service as thresholds
from vitrine.capture.thresholds.models import mode_of
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel.tables import Write
from vitrine.set_qc import relate
from vitrine.set_qc.models import SetReport

_TRIES = 5


def give(tenant: str, job_id: str, bucket: str, now: datetime) -> Outcome:
    """Judge the set as it is now, and end the job with the verdict.

    Frames that change meanwhile raise the session's `set_version` above the one that was judged, so that the event of
    this verdict leads to the next. Idempotency key: the job. Raises `JobIsOver`, `StaleSession`, `StorageUnavailable`.
    """
    job = jobs.find(tenant, job_id)
    if job.result is not None:
        return Outcome.model_validate(job.result)
    last: Measured | None = None
    for _ in range(_TRIES):
        session, images = counted.read(tenant, job.subject)
        last = _numbers(job, session, images, last or materials.last_measured(session, bucket), bucket)
        with suppress(store.StaleSession, thresholds.StaleThresholds):
            return _conclude(session, images, last, job_id, bucket, now)
    raise store.StaleSession("The session kept changing. Try again.")


def _numbers(job: Job, session: Session, images: tuple[Image, ...], last: Measured | None, bucket: str) -> Measured:
    """A set that is only judged again is what it was: nothing is read but its numbers."""
    if last is not None and planning.is_only_judged_again(job, session) and last.set_version == session.set_version:
        return last
    return measured(session, images, last, bucket)


def measured(session: Session, images: tuple[Image, ...], last: Measured | None, bucket: str) -> Measured:
    """All numbers of a set. What was measured between the same frames before is not measured again."""
    frames, mode = judging.turn(images), mode_of(session.mode)
    in_turn = [image for image in images if image.position.shot_name is None]
    views, masks = materials.views(session, in_turn, bucket)
    seen = tuple(sorted(views))
    is_known = last is not None and (last.frames, last.mode, last.seen) == (frames, mode, seen)
    relations = last.relations if last is not None and is_known else None
    if relations is None and frames and judging.expected(session):
        features = materials.features(in_turn, bucket)
        relations = relate.relate([(frame, features[frame.id]) for frame in frames], mode, views, masks)
    return Measured(
        session_id=session.id,
        set_version=session.set_version,
        mode=mode,
        expected=judging.expected(session),
        frames=frames,
        measures={image.id: image.measures for image in images if image.measures is not None},
        relations=relations,
        seen=seen,
    )


def _conclude(
    session: Session, images: tuple[Image, ...], of: Measured, job_id: str, bucket: str, now: datetime
) -> Outcome:
    held = thresholds.in_force(session.tenant, session.site_id, of.mode)
    report = reports.report(of, held.thresholds)
    key = keys.report_key(session.tenant, session.id, session.set_version, report.thresholds)
    verdict = judging.verdict(session, images, report, key, now)
    measured_at = keys.measured_key(session.tenant, session.id, session.set_version)
    materials.store({key: report.model_dump_json(), measured_at: of.model_dump_json()}, bucket)
    outcome = Outcome(session_id=session.id, set_version=session.set_version, status=verdict.status)

    def ended(job: Job) -> Job:
        return jobs_rules.complete(job, outcome.model_dump(mode="json"), now)

    def also(_: Job) -> tuple[Write, ...]:
        # The verdict is by the thresholds that hold as it is written: who changes them need not look for open jobs.
        same = thresholds.unchanged(session.tenant, of.mode, held.seen)
        return *same, *_writes(session, images, report, verdict, job_id, now)

    jobs.change(session.tenant, job_id, ended, also)
    return outcome


def _writes(
    session: Session, images: tuple[Image, ...], report: SetReport, verdict: SetVerdict, job_id: str, now: datetime
) -> tuple[Write, ...]:
    judged = rules.changed(
        session,
        now,
        set_status=verdict.status,
        set_job=None if session.set_job == job_id else session.set_job,
        judged_version=session.set_version,
        report_key=verdict.report_key,
    )
    told = SetJudged(
        tenant=session.tenant,
        session_id=session.id,
        job_id=job_id,
        set_version=session.set_version,
        status=verdict.status,
        thresholds=verdict.thresholds,
        missing=len(rules.missing_frames(session, images)) + len(rules.missing_stills(session, images)),
        reshoot=len(verdict.reshoot),
        confidence=verdict.confidence,
        at=now,
    )
    return store.replace(judged), store.put_verdict(judged, verdict, report.frames), telling.put(told)
