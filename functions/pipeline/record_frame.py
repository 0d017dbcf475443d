"""States "Record the frame" and "Record the failure": the frame's verdict, once; and its set's turn, if that is due."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.frames import keys, service
from vitrine.capture.frames.models import Inspection, Outcome
from vitrine.kernel.clock import utc_now
from vitrine.kernel.observability import logger


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answers the verdict that holds, which is the first one's when the same frame comes twice."""
    found = _found(event)
    frame = keys.parse(found.key)
    image = service.record(frame, found, utc_now()) if frame and found.outcome is not Outcome.STRAY else None
    if image is None:
        logger.warning("nobody awaits this frame")
        return {"outcome": Outcome.STRAY.value}
    logger.info("frame recorded", image_id=image.id, status=image.status.value)
    return {"image_id": image.id, "outcome": image.status.value}


def _found(event: dict[str, Any]) -> Inspection:
    """The event is the machine's own input where the inspection gave no answer (`failure`, set by its catch)."""
    if "failure" not in event:
        return Inspection.model_validate(event)
    return service.failed(event["key"] if "key" in event else event["detail"]["object"]["key"])
