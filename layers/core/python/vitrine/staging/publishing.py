"""From an attempt's files to what the client gets: a lasting place, thumbnails without metadata, the job's success."""

from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.assets import inspection
from vitrine.assets.models import ThumbnailSize
from vitrine.assets.originals import StorageUnavailable
from vitrine.contracts.message import ObjectLocation
from vitrine.jobs.models import Job
from vitrine.kernel import clients
from vitrine.kernel.environment import Buckets
from vitrine.staging import keys
from vitrine.staging.models import Judgement, StagedImage
from vitrine.work import ending


def publish(judgement: Judgement, buckets: Buckets, now: datetime) -> Job:
    """Copy the attempt's picture, mask and layout, make thumbnails, and complete the job. Idempotency key: the job.

    Everything lands under names that only job and file decide, so a repeat writes the same things again. What the
    engine wrote is taken only while it is what was judged.
    Raises `JobIsOver` when the job was cancelled meanwhile, `StorageUnavailable` when trying again may help.
    """
    try:
        image = _publish_files(judgement, buckets.media_bucket)
    except (ClientError, BotoCoreError):
        raise StorageUnavailable("The pictures could not be put in their place.") from None
    return ending.complete(judgement.tenant, judgement.job_id, image.model_dump(mode="json"), now)


def _publish_files(judgement: Judgement, bucket: str) -> StagedImage:
    result, prefix = judgement.result, keys.published_prefix(judgement.tenant, judgement.job_id)
    assert result.picture and result.mask and result.layout and result.scores and result.room_type
    assert result.width and result.height
    picture = _read(result.picture)
    thumbnails = {size.value: f"{prefix}thumbnail-{size.value}.jpg" for size in ThumbnailSize}
    for size, jpeg in inspection.thumbnails(picture).items():
        clients.s3().put_object(Bucket=bucket, Key=thumbnails[size.value], Body=jpeg, ContentType="image/jpeg")
    return StagedImage(
        picture_key=_copy(result.picture, bucket, f"{prefix}staged.png"),
        mask_key=_copy(result.mask, bucket, f"{prefix}mask.png"),
        layout_key=_copy(result.layout, bucket, f"{prefix}layout.json"),
        thumbnails=thumbnails,
        width=result.width,
        height=result.height,
        room_type=result.room_type,
        style=result.style,
        seed=result.seed,
        scores=result.scores,
        warnings=result.warnings,
        engine=result.engine,
        attempt=judgement.attempt,
    )


def _read(source: ObjectLocation) -> bytes:
    only = {"IfMatch": source.etag} if source.etag else {}
    return clients.s3().get_object(Bucket=source.bucket, Key=source.key, **only)["Body"].read()  # type: ignore[arg-type]


def _copy(source: ObjectLocation, bucket: str, key: str) -> str:
    only = {"CopySourceIfMatch": source.etag} if source.etag else {}
    where = {"Bucket": source.bucket, "Key": source.key}
    clients.s3().copy_object(CopySource=where, Bucket=bucket, Key=key, **only)  # type: ignore[arg-type]
    return key
