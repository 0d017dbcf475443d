from functions.stagecraft_api.api import guarded
from vitrine.assets import service
from vitrine.assets.models import PresignedUpload, UploadRequest
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Caller
from vitrine.staging.models import Surface
from vitrine.staging.rules import IMAGES_KEPT_DAYS

Buckets.load()
api = guarded(repeatable=frozenset({"POST /api/uploads/presign"}))
handler = api.handler
routes = api.routes


@routes.post(
    "/api/uploads/presign",
    summary="Get a URL to upload a large photo to",
    description="PUT the photo there with these headers, then send `file_key` as the image of a staging.",
    tags=["uploads"],
)
def presign_upload(body: UploadRequest, caller: Caller) -> PresignedUpload:
    return service.presign(caller, body, IMAGES_KEPT_DAYS[Surface.STAGECRAFT])
