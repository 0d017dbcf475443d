from functions.realstaging_api.api import guarded
from vitrine.assets import service
from vitrine.assets.models import PresignedUpload, UploadRequest
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Caller

Buckets.load()
api = guarded(repeatable=frozenset({"POST /api/v1/uploads/presign"}))
handler = api.handler
routes = api.routes


@routes.post("/api/v1/uploads/presign", summary="Get a URL to upload a photo to", tags=["uploads"])
def presign_upload(body: UploadRequest, caller: Caller) -> PresignedUpload:
    return service.presign(caller, body)
