"""Why an upload is rejected, in words for whoever took the photo."""

from vitrine.assets.models import MAX_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE, Rejection

_ALLOWED = "Send a JPEG, PNG, WebP or HEIC photo."


class Refused(Exception):
    """This file is not taken; trying again with it would not help. `found` is the media type of its bytes, if known."""

    def __init__(self, reason: Rejection, found: str | None = None) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.found = found


def unsupported(found: str | None) -> Refused:
    """A file of another kind than we read; `found` is its media type, None when that is not known."""
    named = f"This file is {found}. " if found else ""
    message = f"{named}Pictures of this kind are not read here. {_ALLOWED}"
    return Refused(Rejection(code="unsupported_type", message=message), found)


EMPTY = Rejection(code="empty_file", message="The file is empty. Please upload it again.")
NOT_AN_IMAGE = Rejection(code="not_an_image", message=f"This file is not a picture, whatever its name says. {_ALLOWED}")
ANIMATED = Rejection(code="animated", message=f"This is an animation. {_ALLOWED}")
TRUNCATED = Rejection(
    code="truncated", message="The file ends before the picture does: a part got lost. Please upload it again."
)
UNREADABLE = Rejection(code="unreadable", message="The file is damaged and cannot be read. Please export it again.")
TOO_MANY_BYTES = Rejection(code="too_large", message=f"The file is larger than {MAX_BYTES // 2**20} MB.")
TOO_MANY_PIXELS = Rejection(
    code="too_many_pixels",
    message=f"The picture has more than {MAX_PIXELS // 10**6} megapixels or a side longer than {MAX_SIDE} pixels.",
)
TOO_SMALL = Rejection(
    code="too_small", message=f"The picture is too small: its shorter side needs at least {MIN_SIDE} pixels."
)
DIFFERS = Rejection(
    code="differs_from_presigned", message="These are not the bytes that the upload was announced with. Upload again."
)
GONE = Rejection(code="gone", message="The file was removed before it could be inspected. Please upload it again.")
INSPECTION_FAILED = Rejection(
    code="inspection_failed", message="The photo could not be inspected on our side. Please upload it again."
)
