"""Work was called off: stop the machine of a cancelled job, cancel what belongs to a cancelled batch or a deleted
project, and delete the photos of a deleted batch. Bus events JobCancelled, of every kind, ProjectDeleted, and
ImagesWithdrawn of batches."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs.models import JobEvent
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import WorkMachines
from vitrine.kernel.observability import logger
from vitrine.kinds_of_work import KINDS
from vitrine.staging import cancelling, deleting
from vitrine.staging.events import IMAGES_WITHDRAWN, PROJECT_DELETED
from vitrine.staging.models import ProjectEvent, WithdrawnEvent
from vitrine.work import machine
from vitrine.work.models import Work

WORK = Work(KINDS, WorkMachines.load())


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    if event["detail-type"] == PROJECT_DELETED.detail_type:
        _project_deleted(ProjectEvent.model_validate(event["detail"]))
    elif event["detail-type"] == IMAGES_WITHDRAWN.detail_type:
        _batch_deleted(WithdrawnEvent.model_validate(event["detail"]))
    else:
        _job_cancelled(JobEvent.model_validate(event["detail"]))


def _project_deleted(deleted: ProjectEvent) -> None:
    cancelled = cancelling.images(deleted, utc_now())
    logger.info("images of a deleted project cancelled", project_id=deleted.project_id, images=cancelled)


def _batch_deleted(withdrawn: WithdrawnEvent) -> None:
    photos = deleting.photos(withdrawn, utc_now())
    logger.info("photos of a deleted batch deleted", job_id=withdrawn.job_id, photos=photos)


def _job_cancelled(cancelled: JobEvent) -> None:
    """An execution that starts after this finds that its job is over, and ends by itself."""
    machine.stop(cancelled.kind, cancelled.job_id, WORK)
    photos = cancelling.photos(cancelled, utc_now())
    logger.info("machine stopped", job_id=cancelled.job_id, photos=photos)
