"""Where a frame, its original, its thumbnails and what was measured of it lie. One session's objects share a prefix."""

import re
from dataclasses import dataclass

from vitrine.assets.models import ThumbnailSize
from vitrine.contracts.inference import VEHICLE_ENGINE
from vitrine.identity.organisations.tenants import tenant_of

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(
    rf"org/(?P<org_id>{_UUID})/site/(?P<site_id>{_UUID})/session/(?P<session_id>{_UUID})/(?P<image_id>{_UUID})"
    r"\.(?P<extension>jpg|heic)"
)
UPLOADS = "org/"
ORIGINALS = "originals/org/"
THUMBNAILS = "org/"
CAPTURE = "capture/"


@dataclass(frozen=True)
class FrameKey:
    """The document's canonical key of a frame, in the uploads bucket, by its parts."""

    org_id: str
    site_id: str
    session_id: str
    image_id: str
    extension: str

    def __str__(self) -> str:
        return f"{self.folder}.{self.extension}"

    @property
    def folder(self) -> str:
        return f"org/{self.org_id}/site/{self.site_id}/session/{self.session_id}/{self.image_id}"

    @property
    def tenant(self) -> str:
        return tenant_of(self.org_id)

    @property
    def original(self) -> str:
        """Where the inspected bytes lie, in the media bucket: written once, and by nobody with a presigned URL."""
        return original_key(str(self))

    @property
    def features(self) -> str:
        """What was measured of the frame's pixels (npz), in the media bucket."""
        return f"{set_folder(self.tenant, self.session_id)}{self.image_id}/features.npz"

    def thumbnail(self, size: ThumbnailSize) -> str:
        return f"{self.folder}/thumb_{size.value}.jpg"


def original_key(storage_key: str) -> str:
    return f"originals/{storage_key}"


def set_folder(tenant: str, session_id: str) -> str:
    """Under which all lies that was computed of a session, but the thumbnails; ends with a slash."""
    return f"{CAPTURE}{tenant}/{session_id}/"


def view_key(tenant: str, session_id: str, image_id: str) -> str:
    """What the endpoint saw on a frame (`contracts.inference.SeenFrame`), in the media bucket; one of a newer version
    looks at the frame again."""
    return f"{set_folder(tenant, session_id)}{image_id}/view-{VEHICLE_ENGINE.version}.json"


def report_key(tenant: str, session_id: str, set_version: int, thresholds: str) -> str:
    """The report on that set by a version of thresholds; those by others stay."""
    return f"{set_folder(tenant, session_id)}set-{set_version}/{thresholds}/report.json"


def measured_key(tenant: str, session_id: str, set_version: int) -> str:
    """What was measured of the frames of that set and between them, so that it is judged again without a picture."""
    return f"{set_folder(tenant, session_id)}set-{set_version}/measured.json"


def parse(key: str) -> FrameKey | None:
    """The parts of a frame's key; None for any other key."""
    match = _KEY.fullmatch(key)
    return FrameKey(**match.groupdict()) if match else None
