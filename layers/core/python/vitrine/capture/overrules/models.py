from pydantic import AwareDatetime

from vitrine.kernel.record import Record
from vitrine.set_qc.models import Mode

WINDOW = 50
"""Sets that a rate is over."""
OFTEN = 0.2
"""Above this share of a whole window, people overrule a check too often."""
UNSEEN = "unseen"
"""Stands for the check that is missing: a person wants a frame again that no check fails."""


class Decided(Record):
    """A judged set: the checks that failed on some frame of it, and those that people overruled."""

    session_id: str
    thresholds: str
    judged_at: AwareDatetime
    failed: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()


class Window(Record):
    """The last judged sets of a scope (a site's id, or the organisation) and a mode, in the order of their verdicts.

    `often` names the checks that were told to be overruled too often, and still are.
    """

    tenant: str
    scope: str
    mode: Mode
    version: int = 0
    sets: tuple[Decided, ...] = ()
    often: tuple[str, ...] = ()


class Rate(Record):
    """Of a window's sets, those in which a check failed a frame, and those in which people overruled it; `rate` is the
    share of the latter."""

    check: str
    failed: int
    overruled: int
    rate: float
    often: bool
