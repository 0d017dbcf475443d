"""Why an upload is rejected, in words for whoever took the photo."""

from vitrine.assets.models import MAX_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE, Rejection
from vitrine.pictures.faults import BadPicture, Fault

_ALLOWED = "Send a JPEG, PNG, WebP or HEIC photo."


class Refused(Exception):
    """This file is not taken; trying again with it would not help. `found` is the media type of its bytes, if known."""

    def __init__(self, reason: Rejection, found: str | None = None) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.found = found


_WORDS = {
    Fault.EMPTY: "The file is empty. Please upload it again.",
    Fault.NOT_AN_IMAGE: f"This file is not a picture, whatever its name says. {_ALLOWED}",
    Fault.UNSUPPORTED: f"Pictures of this kind are not read here. {_ALLOWED}",
    Fault.ANIMATED: f"This is an animation. {_ALLOWED}",
    Fault.TRUNCATED: "The file ends before the picture does: a part got lost. Please upload it again.",
    Fault.UNREADABLE: "The file is damaged and cannot be read. Please export it again.",
    Fault.TOO_MANY_PIXELS: f"The picture has more than {MAX_PIXELS // 10**6} megapixels "
    f"or a side longer than {MAX_SIDE} pixels.",
    Fault.TOO_SMALL: f"The picture is too small: its shorter side needs at least {MIN_SIDE} pixels.",
}


def refused(bad: BadPicture) -> Refused:
    """In words for whoever took the photo."""
    named = f"This file is {bad.found}. " if bad.found else ""
    return Refused(Rejection(code=bad.fault.value, message=f"{named}{_WORDS[bad.fault]}"), bad.found)


TOO_MANY_BYTES = Rejection(code="too_large", message=f"The file is larger than {MAX_BYTES // 2**20} MB.")
DIFFERS = Rejection(
    code="differs_from_presigned", message="These are not the bytes that the upload was announced with. Upload again."
)
GONE = Rejection(code="gone", message="The file was removed before it could be inspected. Please upload it again.")
INSPECTION_FAILED = Rejection(
    code="inspection_failed", message="The photo could not be inspected on our side. Please upload it again."
)
