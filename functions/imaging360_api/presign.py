from functions.imaging360_api.callers import DEVICE_OR_USER, PRESIGNS
from functions.imaging360_api.surface import SURFACE
from vitrine.capture import presigning
from vitrine.capture.presigning import FrameRequest, PresignedFrame
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Api, Caller, Repeat

Buckets.load()
api = Api(SURFACE)
handler = api.handler


@api.post(
    "/v1/presign",
    summary="Get a URL to upload a frame to",
    description="`PUT` the file there within 15 minutes, with all `headers`. The same session, file name and digest "
    "give the same `storage_key` again, with a fresh URL; with `already_uploaded` nothing need be sent.",
    tags=["images"],
    allow=DEVICE_OR_USER,
    rate=PRESIGNS,
    brings_work=True,
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
    errors=(403, 404),
)
def presign_frame(body: FrameRequest, caller: Caller) -> PresignedFrame:
    return presigning.presign(caller, body)
