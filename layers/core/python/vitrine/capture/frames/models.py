from enum import StrEnum

from pydantic import Field

from vitrine.capture.models import Exposure, ImageError
from vitrine.kernel.record import Record
from vitrine.set_qc.models import Check, FrameMeasures


class Outcome(StrEnum):
    """`usable` and `refused` are said of the bytes; a `settled` frame had its verdict before; of a `stray` object
    nobody knows a frame."""

    USABLE = "usable"
    REFUSED = "refused"
    SETTLED = "settled"
    STRAY = "stray"


class Looked(Record):
    """What one decode of a frame's bytes found. `width` and `height` are those of the upright picture."""

    width: int
    height: int
    exposure: Exposure
    measures: FrameMeasures
    checks: dict[str, Check]


class Inspection(Record):
    """What the state "Inspect the frame" found at an upload's key, for the state that records it.

    `looked` with its keys is set for a usable frame, `error` for a refused one. `etag`, `size` and `sha256` are those
    of the kept original; None where none was kept.
    """

    key: str
    outcome: Outcome
    etag: str | None = None
    size: int | None = None
    sha256: str | None = None
    looked: Looked | None = None
    thumb_keys: dict[str, str] = Field(default_factory=dict)
    features_key: str | None = None
    error: ImageError | None = None
