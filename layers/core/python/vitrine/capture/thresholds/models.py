"""By which thresholds an organisation's and a site's frames are judged: versions, of which the last one holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from vitrine.capture.models import CaptureMode, Person
from vitrine.kernel.record import WHOLE, Record, Uuid
from vitrine.set_qc.models import Direction, Mode
from vitrine.set_qc.thresholds import Thresholds

ORGANISATION = "ORG"
"""The scope of what holds at all sites that have no thresholds of their own."""
MOST_VERSIONS = 999_999
_WORD = "organisation"
_ID = re.compile(
    r"(?P<scope>organisation|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?P<mode>\w+)-(?P<number>\d{1,6})"
)


class Source(StrEnum):
    """Whose thresholds hold: ours, the organisation's, or the site's own."""

    DEFAULT = "default"
    ORGANISATION = "organisation"
    SITE = "site"


class Version(Record):
    """One version of the thresholds of a scope (a site's id, or the organisation) and a mode; it never changes.

    `thresholds` None: from then on the scope has none of its own, and what is above it holds. `restores` is the number
    of the version that it brought back; 0 is the time before the first.
    """

    tenant: str
    scope: str
    mode: Mode
    number: int = Field(ge=1)
    thresholds: Thresholds | None
    restores: int | None = None
    reason: str
    by: Person
    at: AwareDatetime

    @property
    def id(self) -> str:
        return version_id(self.scope, self.mode, self.number)

    @property
    def site_id(self) -> str | None:
        return None if self.scope == ORGANISATION else self.scope


@dataclass(frozen=True)
class InForce:
    """The thresholds that hold for a scope, and where they come from.

    `version` is the one they stand in, None for ours. `latest` is the number of the scope's own last version, 0 before
    the first. `above` would hold if the scope had none of its own. `seen` has the last number of each scope that was
    looked at.
    """

    thresholds: Thresholds
    source: Source
    version: Version | None
    latest: Version | None
    above: Thresholds
    seen: Mapping[str, int]

    @property
    def number(self) -> int:
        return self.latest.number if self.latest else 0


@dataclass(frozen=True)
class Proposed:
    """What holds at a site, and what would hold there; None: the proposal does not reach it, since it has its own."""

    before: Thresholds
    after: Thresholds | None


def _number(low: float, high: float, **more: Any) -> Any:
    return Field(strict=True, ge=low, le=high, allow_inf_nan=False, **more)


def _said() -> Any:
    """For a field that need not be said, and that no null stands for: an error then names the field alone."""
    return Field(default_factory=lambda: None)


Share = Annotated[float, _number(0, 1)]


class _Changes(Record):
    model_config = ConfigDict(extra="forbid")


class Shares(_Changes):
    """Shares, 0 to 1."""

    warn: Share
    fail: Share


class Amounts(_Changes):
    """Numbers in the check's own unit: L*, a*b*, stops, degrees, logarithms of odds."""

    warn: Annotated[float, _number(0, 200)]
    fail: Annotated[float, _number(0, 200)]


class Changes(_Changes):
    """The thresholds to change; what is not said stays as it is. Of a band, `warn` comes before `fail`.

    `rim_lightness`, `rim_colour`, `soft_floor` and `direction` may be null: then that is not judged.
    """

    sharpness: Shares = _said()
    soft_floor: Annotated[float, _number(0, 1_000_000)] | None = None
    highlights: Shares = _said()
    shadows: Shares = _said()
    dark: Shares = _said()
    bright: Shares = _said()
    rim_lightness: Amounts | None = None
    rim_colour: Amounts | None = None
    ev: Amounts = _said()
    cast: Amounts = _said()
    shift: Shares = _said()
    scale: Shares = _said()
    turn_deg: Amounts = _said()
    centre: Shares = _said()
    lower: Shares = _said()
    height: Shares = _said()
    duplicate: Annotated[float, _number(0.01, 0.99)] = _said()
    gap: Amounts = _said()
    gap_size: Annotated[float, _number(1, 10)] = _said()
    sure_step_deg: Annotated[float, _number(0, 60)] = _said()
    tour_gain: Share = _said()
    foreign: Amounts = _said()
    direction_share: Annotated[float, _number(0.5, 1)] = _said()
    direction: Literal[Direction.CLOCKWISE, Direction.COUNTER_CLOCKWISE] | None = None
    front_margin: Share = _said()
    front_first: Annotated[bool, Field(strict=True)] = _said()
    difference: Share = _said()


class Proposal(Record):
    """Thresholds that might hold for a mode, at a site or in the whole organisation.

    Either `values`, which change those that hold now, or `restore`, the number of an earlier version. 0 stands for
    before the first: a site has the organisation's again, the organisation ours.
    """

    mode: Mode
    site_id: Uuid | None = None
    values: Changes | None = None
    restore: Annotated[int, Field(strict=True, ge=0, le=MOST_VERSIONS), WHOLE] | None = None

    @property
    def scope(self) -> str:
        return self.site_id or ORGANISATION


class NewVersion(Proposal):
    """`after` is the number of the last version that whoever changes them has seen (`latest`), 0 before the first."""

    after: Annotated[int, Field(strict=True, ge=0, lt=MOST_VERSIONS), WHOLE]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


def version_id(scope: str, mode: Mode, number: int) -> str:
    """What a verdict names its thresholds by."""
    return f"{_WORD if scope == ORGANISATION else scope}-{mode.value}-{number}"


def version_in(said: str) -> tuple[str, Mode, int] | None:
    """The scope, the mode and the number of a version, by its id."""
    found = _ID.fullmatch(said)
    if found is None or found["mode"] not in set(Mode):
        return None
    scope = ORGANISATION if found["scope"] == _WORD else found["scope"]
    return scope, Mode(found["mode"]), int(found["number"])


def mode_of(mode: CaptureMode) -> Mode:
    """Stills are judged one by one, as frames of a studio are."""
    return Mode.WALK360 if mode is CaptureMode.WALK360 else Mode.STUDIO360
