"""State "Inspect the frame": what arrived, by its own bytes, in one decode."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.frames import intake, keys, rules, service
from vitrine.capture.frames.models import Inspection, Outcome
from vitrine.capture.thresholds import service as thresholds
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """EventBridge carries object keys as they are, unlike S3's own notifications, which encode them as URLs."""
    key = event["detail"]["object"]["key"]
    found = _inspect(key)
    code = found.error.code if found.error else None
    logger.info("frame inspected", image_id=_image_id(key), outcome=found.outcome, code=code)
    return found.model_dump(mode="json")


def _inspect(key: str) -> Inspection:
    frame = keys.parse(key)
    known = service.find(frame) if frame else None
    if frame is None or known is None:
        return Inspection(key=key, outcome=Outcome.STRAY)
    session, image = known
    if rules.is_settled(image):
        return Inspection(key=key, outcome=Outcome.SETTLED)
    judged_by = thresholds.effective(session.tenant, session.site_id, session.mode)
    return intake.inspect(frame, image, judged_by, BUCKETS)


def _image_id(key: str) -> str | None:
    frame = keys.parse(key)
    return frame.image_id if frame else None
