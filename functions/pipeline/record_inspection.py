"""States "Record what was found" and "Record the failure": the upload's verdict, once, with the event that tells it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.assets import ingest, service
from vitrine.assets.models import AssetState
from vitrine.kernel.clock import utc_now
from vitrine.kernel.observability import logger


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Answers the verdict that holds, which is the first one's when the same upload comes twice."""
    found = ingest.inspection_in(event)
    asset = service.record(found, utc_now()) if found else None
    if asset is None:
        logger.warning("nobody awaits this upload", asset_id=found.asset_id if found else None)
        return {"verdict": AssetState.REJECTED.value}
    logger.info("upload recorded", asset_id=asset.id, verdict=asset.state)
    return {"asset_id": asset.id, "verdict": asset.state.value}
