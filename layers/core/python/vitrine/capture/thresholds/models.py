from pydantic import AwareDatetime, Field

from vitrine.capture.models import CaptureMode
from vitrine.kernel.record import Record
from vitrine.set_qc.models import Mode
from vitrine.set_qc.thresholds import Thresholds

ORGANISATION = "ORG"
"""The scope of what holds at all sites that have no thresholds of their own."""


class Version(Record):
    """One version of the thresholds of a scope (a site's id, or the organisation) and a mode; it never changes."""

    tenant: str
    scope: str
    mode: Mode
    number: int = Field(ge=1)
    thresholds: Thresholds
    reason: str
    by: str
    at: AwareDatetime


def mode_of(mode: CaptureMode) -> Mode:
    """Stills are judged one by one, as frames of a studio are."""
    return Mode.WALK360 if mode is CaptureMode.WALK360 else Mode.STUDIO360
