from functions.realstaging_api.surface import SURFACE
from vitrine.assets import service
from vitrine.assets.models import PresignedUpload, UploadRequest
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Api, Caller, Repeat

Buckets.load()
api = Api(SURFACE)
handler = api.handler


@api.post(
    "/api/v1/uploads/presign",
    summary="Get a URL to upload a photo to",
    tags=["uploads"],
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
)
def presign_upload(body: UploadRequest, caller: Caller) -> PresignedUpload:
    return service.presign(caller, body, SURFACE.pictures_kept_days)
