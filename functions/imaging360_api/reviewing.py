"""People say of a frame that it passes, or that it is to be shot again."""

from pydantic import BaseModel

from functions.imaging360_api.callers import REVIEWER
from functions.imaging360_api.fields import Uuid
from functions.imaging360_api.surface import SURFACE
from vitrine.capture import reviewing
from vitrine.capture.models import ImageStatus, Review
from vitrine.capture.reviewing import ReviewRequest
from vitrine.kernel.http import Api, Caller, Repeat

api = Api(SURFACE)
handler = api.handler


class ReviewedImage(BaseModel):
    id: Uuid
    session_id: Uuid
    status: ImageStatus
    review: Review | None


@api.post(
    "/v1/images/{id}/review",
    summary="Pass a frame, or have it shot again",
    description="A person's word comes before the checks; the reason stays with the frame. The set is judged "
    "again. A repeat by the same person changes nothing.",
    tags=["images"],
    allow=REVIEWER,
    repeat=Repeat.IN_TRANSACTION,
    round_trips=4,
    errors=(403, 404),
)
def review_image(id: str, body: ReviewRequest, caller: Caller) -> ReviewedImage:  # noqa: A002 - the contract's name
    image = reviewing.review(caller, id, body)
    return ReviewedImage(id=image.id, session_id=image.session_id, status=image.status, review=image.review)
