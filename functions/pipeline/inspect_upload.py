"""State "Inspect the upload": what arrived, by its own bytes, in one decode."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.assets import ingest, intake
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    upload = ingest.upload_in(event)
    if upload is None:
        logger.warning("object is no upload")
        return ingest.stray(event)
    found = intake.inspect_upload(upload, BUCKETS)
    logger.info(
        "upload inspected",
        asset_id=found.asset_id,
        verdict=found.verdict,
        reason=found.reason.code if found.reason else None,
    )
    return found.model_dump(mode="json")
