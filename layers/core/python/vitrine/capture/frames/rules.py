"""What an inspection makes of a frame, once."""

from datetime import datetime

from vitrine.capture.frames.models import Inspection, Outcome
from vitrine.capture.frames.refusals import NOT_SETTLED
from vitrine.capture.models import Image, ImageStatus


def is_settled(image: Image) -> bool:
    """Whether what was promised has its verdict. A refusal that is about other bytes settles nothing."""
    failed_for_now = image.status is ImageStatus.FAILED and image.error is not None and image.error.code in NOT_SETTLED
    return image.status not in (ImageStatus.PENDING, ImageStatus.PROCESSING) and not failed_for_now


def inspected(image: Image, found: Inspection, now: datetime) -> Image:
    """The image after its inspection; the same object if it has its verdict already, or nothing was found."""
    if is_settled(image) or found.outcome not in (Outcome.USABLE, Outcome.REFUSED):
        return image
    changed = _usable(found) if found.outcome is Outcome.USABLE else _refused(found)
    after = image.model_copy(update={**changed, "version": image.version + 1, "updated_at": now})
    return image if _says_the_same(image, after) else after


def _usable(found: Inspection) -> dict[str, object]:
    assert found.looked, "a usable frame was looked at"
    return {
        "status": ImageStatus.PROCESSED,
        "etag": found.etag,
        "size": found.size,
        "width": found.looked.width,
        "height": found.looked.height,
        "exposure": found.looked.exposure,
        "thumb_keys": found.thumb_keys,
        "features_key": found.features_key,
        "measures": found.looked.measures,
        "qc": found.looked.checks,
        "error": None,
    }


def _refused(found: Inspection) -> dict[str, object]:
    return {"status": ImageStatus.FAILED, "etag": found.etag, "size": found.size, "error": found.error}


def _says_the_same(before: Image, after: Image) -> bool:
    """Wrong bytes that come again are no news."""
    return (before.status, before.error) == (after.status, after.error)
