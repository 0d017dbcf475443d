"""State "Pack the set": the package, and the manifest beside it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.publishing import finishing
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    tenant, session_id, job_id = event["tenant"], event["session_id"], event["job_id"]
    manifest = finishing.pack(tenant, session_id, job_id, BUCKETS.media_bucket)
    size = manifest.package.size if manifest.package else 0
    logger.info("set packed", job_id=job_id, frames=len(manifest.frames), bytes=size)
    return {"tenant": tenant, "session_id": session_id, "job_id": job_id}
