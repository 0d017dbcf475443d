"""The S3 half of a frame's inspection: the uploaded object in; the original, its thumbnails and features out."""

from vitrine.assets import originals
from vitrine.assets.refusals import TOO_MANY_BYTES, Refused
from vitrine.capture.frames import keys, looking, refusals
from vitrine.capture.frames.models import Inspection, Outcome
from vitrine.capture.models import Image, ImageError
from vitrine.kernel.environment import Buckets
from vitrine.set_qc.thresholds import Thresholds

StorageUnavailable = originals.StorageUnavailable


def inspect(frame: keys.FrameKey, image: Image, thresholds: Thresholds, buckets: Buckets) -> Inspection:
    """Keep what lies at a frame's key if it is what was promised, look at it, and store what is made of it.

    Whatever is wrong with the file is an answer. Raises `StorageUnavailable`. Idempotency key: the frame, whose bytes
    are settled by the digest that was promised; other bytes leave nothing behind.
    """
    try:
        came = originals.read(buckets.uploads_bucket, str(frame))
        if came.sha256 != image.content_sha256.lower():
            return _refused(frame, refusals.HASH_MISMATCH)
        kept = originals.keep(came, buckets.media_bucket, frame.original)
    except Refused as refusal:
        return _refused(frame, refusals.TOO_MANY_BYTES if refusal.reason == TOO_MANY_BYTES else refusals.GONE)
    return _of_kept(frame, kept, looking.look(kept.body, kept.sha256, thresholds), buckets)


def _of_kept(frame: keys.FrameKey, kept: originals.Found, sight: looking.Sight, buckets: Buckets) -> Inspection:
    known = Inspection(key=str(frame), outcome=Outcome.REFUSED, etag=kept.etag, size=len(kept.body), sha256=kept.sha256)
    if sight.error:
        return known.model_copy(update={"error": sight.error})
    thumbnails = {frame.thumbnail(size): jpeg for size, jpeg in sight.thumbnails.items()}
    originals.store(thumbnails, buckets.media_bucket)
    originals.store({frame.features: sight.features}, buckets.media_bucket, "application/octet-stream")
    return known.model_copy(
        update={
            "outcome": Outcome.USABLE,
            "looked": sight.looked,
            "thumb_keys": {str(size.value): frame.thumbnail(size) for size in sight.thumbnails},
            "features_key": frame.features,
        }
    )


def _refused(frame: keys.FrameKey, error: ImageError) -> Inspection:
    return Inspection(key=str(frame), outcome=Outcome.REFUSED, error=error)
