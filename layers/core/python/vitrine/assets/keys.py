"""Where uploads, their originals and thumbnails lie, and which upload a client means by a key or a URL."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from vitrine.assets.links import Address
from vitrine.assets.models import ThumbnailSize

UPLOADS = "uploads"
ORIGINALS = "originals"
THUMBNAILS = "thumbnails"

_NAME_LENGTH = 100
_KEY = re.compile(
    rf"{UPLOADS}/(?P<tenant>ten_[a-z0-9_]{{1,64}})/(?P<asset_id>ast_[0-9a-z]{{26}})/(?P<name>[A-Za-z0-9._-]{{1,100}})"
)


@dataclass(frozen=True)
class UploadKey:
    tenant: str
    asset_id: str
    name: str

    def __str__(self) -> str:
        return f"{UPLOADS}/{self.tenant}/{self.asset_id}/{self.name}"


def parse(key: str) -> UploadKey | None:
    """The parts of an object key of an upload; None for any other key."""
    match = _KEY.fullmatch(key)
    return UploadKey(**match.groupdict()) if match else None


def parse_reference(tenant: str, text: str, uploads: Address) -> UploadKey | None:
    """The upload of `tenant` that a client names by file key, `s3://` or `https://` URL; None for anything else.

    Another tenant's key gives None as well, so that nobody learns whether it exists.
    """
    key = uploads.key_in(text) if "://" in text else text
    found = parse(key) if key is not None else None
    return found if found is not None and found.tenant == tenant else None


def original_key(upload_key: str) -> str:
    """Where the inspected bytes lie, in the media bucket: written once, and by nobody with a presigned URL."""
    return f"{ORIGINALS}{upload_key.removeprefix(UPLOADS)}"


def safe_name(filename: str, extension: str) -> str:
    """A file name of letters, digits, dot, hyphen and underscore, at most 100 long, that says the same to people."""
    base = filename.replace("\\", "/").rsplit("/", 1)[-1]
    plain = unicodedata.normalize("NFKD", base).encode("ascii", "ignore").decode()
    path = PurePosixPath(re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-."))
    suffix = path.suffix[:8] or f".{extension}"
    stem = path.name.removesuffix(path.suffix)[: _NAME_LENGTH - len(suffix)]
    return f"{stem or 'photo'}{suffix}"


def thumbnail_key(upload: UploadKey, sha256: str, size: ThumbnailSize) -> str:
    """Named by the uploaded bytes: what a second PUT to the same URL brings cannot replace the first's thumbnails."""
    return f"{THUMBNAILS}/{upload.tenant}/{upload.asset_id}/{sha256}/{size.value}.jpg"
