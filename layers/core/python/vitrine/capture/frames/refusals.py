"""Why a frame cannot be used, in words for whoever holds the camera: what was seen, and what to do about it."""

from vitrine.assets.models import MAX_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE
from vitrine.capture.models import ImageError
from vitrine.pictures.faults import BadPicture, Fault

_AGAIN = "Upload the frame again."
_SHOOT = "Shoot the frame again."
_SETTINGS = "Set the camera to JPEG or HEIC and shoot the frame again."


def _error(code: str, message: str, remedy: str) -> ImageError:
    return ImageError(code=code, message=message, remedy=remedy)


HASH_MISMATCH = _error(
    "hash_mismatch", "These are not the bytes whose SHA-256 the upload was announced with.", "Upload the file again."
)
TOO_MANY_BYTES = _error("too_many_bytes", f"The file is larger than {MAX_BYTES // 2**20} MB.", _SETTINGS)
GONE = _error("gone", "The file was removed before it could be inspected.", _AGAIN)
INSPECTION_FAILED = _error("inspection_failed", "The frame could not be inspected on our side.", _AGAIN)
LIVE_PHOTO = _error(
    "unsupported_live_photo_video",
    "This is the film of a Live Photo, not its picture.",
    "Upload the HEIC or JPEG that lies beside it, and send no MOV.",
)
NOT_SETTLED = frozenset({HASH_MISMATCH.code, TOO_MANY_BYTES.code, GONE.code, INSPECTION_FAILED.code})
"""Says something of what came, not of the promised bytes: those may still come, and are looked at then."""

_WORDS = {
    Fault.EMPTY: _error("empty_file", "The file is empty.", _AGAIN),
    Fault.NOT_AN_IMAGE: _error("not_an_image", "The file is not a picture, whatever its name says.", _SETTINGS),
    Fault.UNSUPPORTED: _error("unsupported_type", "The file is no JPEG and no HEIC.", _SETTINGS),
    Fault.ANIMATED: _error("animated", "The file is an animation.", _SETTINGS),
    Fault.TRUNCATED: _error("truncated", "The file ends before the picture does.", _SHOOT),
    Fault.UNREADABLE: _error("corrupt", "The file is damaged and cannot be read.", _SHOOT),
    Fault.TOO_MANY_PIXELS: _error(
        "too_many_pixels",
        f"The picture has more than {MAX_PIXELS // 10**6} megapixels, or a side longer than {MAX_SIDE} pixels.",
        "Choose a smaller picture size and shoot the frame again.",
    ),
    Fault.TOO_SMALL: _error(
        "too_small",
        f"The picture's shorter side has less than {MIN_SIDE} pixels.",
        "Choose a larger picture size and shoot the frame again.",
    ),
}


def of(bad: BadPicture) -> ImageError:
    """What a fault of the file means for its photographer."""
    return LIVE_PHOTO if bad.found == "video/quicktime" else _WORDS[bad.fault]
