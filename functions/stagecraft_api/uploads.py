from functions.stagecraft_api.surface import SURFACE
from vitrine.assets import service
from vitrine.assets.models import PresignedUpload, UploadRequest
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Api, Caller, Repeat

Buckets.load()
api = Api(SURFACE)
handler = api.handler


@api.post(
    "/api/uploads/presign",
    summary="Get a URL to upload a large photo to",
    description="PUT the photo there with these headers, then send `file_key` as the image of a staging.",
    tags=["uploads"],
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
)
def presign_upload(body: UploadRequest, caller: Caller) -> PresignedUpload:
    return service.presign(caller, body, SURFACE.pictures_kept_days)
