"""Addresses of published files: they need no token, and last until the publication is withdrawn.

The key stands in the path, before the file's name, so that names in a manifest or an export lead to files beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from vitrine.assets.addresses import Capabilities, no_picture
from vitrine.capture.publishing.exports import FORMATS
from vitrine.capture.publishing.models import MANIFEST, Live, Publication
from vitrine.kernel.http import address_of

_PURPOSE = "published"
PATH = "/v1/published/{key}/{file}"


class ExportView(BaseModel):
    """The set for another viewer, by its name; `url` is made for this address."""

    name: str
    url: str


class FrameView(BaseModel):
    """A published frame. `view_deg` is counted from the vehicle's front; `sizes` has smaller files by their width."""

    image_id: str
    name: str
    frame: int | None
    angle_deg: float | None
    view_deg: float | None
    shot_name: str | None
    width: int
    height: int
    url: str
    sizes: dict[str, str]


@dataclass(frozen=True)
class Files:
    manifest: str | None = None
    package: str | None = None
    exports: list[ExportView] = field(default_factory=list)
    frames: list[FrameView] = field(default_factory=list)


class Addresses:
    """Raises `ConfigurationMissingError` at cold start without the key that signs."""

    def __init__(self) -> None:
        self._capabilities = Capabilities()

    def of(self, publication: Publication) -> Files:
        """Of everything that is public; all in one host's name, which is that of the request."""
        if publication.live is None:
            return Files()
        key = self.key_of(publication.tenant, publication.session_id)
        return _files(publication.live, lambda file: file_address(key, file))

    def key_of(self, tenant: str, session_id: str) -> str:
        """The same at any time."""
        return self._capabilities.seal(_PURPOSE, {"t": tenant, "s": session_id})

    def open(self, key: str) -> tuple[str, str]:
        """The tenant and the session that a key is for. Raises `NotFound`."""
        claims = self._capabilities.open(_PURPOSE, key)
        if not {"t", "s"} <= claims.keys():
            raise no_picture()
        return str(claims["t"]), str(claims["s"])


def file_address(key: str, file: str) -> str:
    return address_of(PATH.format(key=key, file=file))


def _files(live: Live, url: Callable[[str], str]) -> Files:
    return Files(
        manifest=url(MANIFEST),
        package=url(live.package.name) if live.package else None,
        exports=[ExportView(name=name, url=url(name)) for name in FORMATS],
        frames=[
            FrameView(
                **frame.model_dump(exclude={"sizes"}),
                url=url(frame.name),
                sizes={side: url(name) for side, name in frame.sizes.items()},
            )
            for frame in live.frames
        ],
    )
