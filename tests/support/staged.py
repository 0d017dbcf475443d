"""What a finished staging came to."""

from datetime import datetime, timedelta
from typing import Any

from vitrine.contracts.catalogue import RoomType, Style
from vitrine.contracts.inference import Engine, Scores
from vitrine.jobs import service as jobs
from vitrine.jobs.models import TaskToken
from vitrine.staging.models import StagedImage
from vitrine.work import ending


def any_staged_image(**changes: Any) -> StagedImage:
    image = StagedImage(
        picture_key="published/p.png",
        mask_key="published/m.png",
        layout_key="published/l.json",
        thumbnails={},
        width=320,
        height=256,
        room_type=RoomType.BEDROOM,
        style=Style.ART_DECO,
        seed=1,
        scores=Scores(integrity=1.0, quality=0.91, parts={}),
        warnings=(),
        engine=Engine(name="render", version="1"),
        attempt=1,
    )
    return image.model_copy(update=changes)


def finish(tenant: str, job_id: str, began: datetime, took: timedelta = timedelta(seconds=3), **changes: Any) -> None:
    """The staging is at work, and then completed."""
    jobs.begin_attempt(TaskToken(tenant=tenant, job_id=job_id, attempt=1, token="a token"), began)
    ending.complete(tenant, job_id, any_staged_image(**changes).model_dump(mode="json"), began + took)
