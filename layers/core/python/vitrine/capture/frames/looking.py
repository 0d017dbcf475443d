"""A frame's bytes in; what its photographer and its set need to know of it out. One decode, no AWS."""

from dataclasses import dataclass, field

from vitrine.assets import exif, inspection
from vitrine.assets.models import ThumbnailSize
from vitrine.capture.frames import refusals
from vitrine.capture.frames.exposure import exposure_of
from vitrine.capture.frames.models import Looked
from vitrine.capture.models import ImageError
from vitrine.pictures.faults import BadPicture, Fault
from vitrine.pictures.kinds import ContentType, kind_of
from vitrine.set_qc import judge, measure
from vitrine.set_qc.thresholds import Thresholds

TAKEN = (ContentType.JPEG, ContentType.HEIC)


@dataclass(frozen=True)
class Sight:
    """Either `error` is set, or all the others: thumbnails are upright JPEGs without metadata, `features` is npz."""

    error: ImageError | None = None
    looked: Looked | None = None
    thumbnails: dict[ThumbnailSize, bytes] = field(default_factory=dict)
    features: bytes = b""


def look(data: bytes, sha256: str, thresholds: Thresholds) -> Sight:
    """Total: whatever the bytes, it answers. `sha256` is their digest, in hex."""
    try:
        _check_kind(data)
        decoded = inspection.decode(data)
    except BadPicture as bad:
        return Sight(error=refusals.of(bad))
    measured = measure.measure_pixels(decoded.still.upright(decoded.pixels), sha256)
    width, height = decoded.still.upright_size
    looked = Looked(
        width=width,
        height=height,
        exposure=exposure_of(exif.read(decoded.still.exif)),
        measures=measured.measures,
        checks=judge.judge_frame(measured.measures, thresholds),
    )
    return Sight(None, looked, inspection.thumbnails_of(decoded), measured.features)


def _check_kind(data: bytes) -> None:
    """Raises `BadPicture` for all but the document's two kinds, whatever the upload was called."""
    if kind_of(data) not in TAKEN:
        raise BadPicture(Fault.UNSUPPORTED)
