"""What the measured numbers are compared with: typed and versioned, so that a verdict says by what it was made."""

from pydantic import Field

from vitrine.contracts.message import Message
from vitrine.set_qc.models import Direction, Mode


class Band(Message):
    """From `warn` on a check warns, from `fail` on it fails; which side is the bad one is the check's to say."""

    warn: float
    fail: float


class Values(Message):
    """Shares are of the frame's longer side, L* and a*b* are CIE's, ratios have no unit. `soft_floor` is the site's own
    (the 1st percentile of sharpness in its accepted sets), None where it is not known; `direction` what the
    organisation wants, None if it does not mind. `front_first` is the frame that a site's habit calls the front.
    """

    sharpness: Band
    soft_floor: float | None = None
    highlights: Band
    shadows: Band
    dark: Band
    bright: Band
    rim_lightness: Band | None
    rim_colour: Band | None
    ev: Band
    cast: Band
    shift: Band
    scale: Band
    turn_deg: Band
    centre: Band
    lower: Band
    height: Band
    duplicate: float = Field(gt=0, lt=1)
    gap: Band
    gap_size: float
    sure_step_deg: float
    tour_gain: float
    foreign: Band
    direction_share: float
    direction: Direction | None = None
    front_margin: float
    front_first: bool = True
    difference: float


class Thresholds(Values):
    """`version` names a set of thresholds; whoever changes one gives it another."""

    version: str


LOWER_IS_BAD = frozenset({"sharpness", "dark"})
"""The bands of numbers of which the low ones are bad; of all others it is the high ones."""

_STUDIO = Thresholds(
    version="2026-11-28.2",
    sharpness=Band(warn=0.82, fail=0.745),
    highlights=Band(warn=0.97, fail=0.99),
    shadows=Band(warn=0.75, fail=0.92),
    dark=Band(warn=0.06, fail=0.025),
    bright=Band(warn=0.965, fail=0.985),
    rim_lightness=Band(warn=4, fail=8),
    rim_colour=Band(warn=2.5, fail=5),
    ev=Band(warn=0.22, fail=0.7),
    cast=Band(warn=2.2, fail=6),
    shift=Band(warn=0.02, fail=0.06),
    scale=Band(warn=0.018, fail=0.06),
    turn_deg=Band(warn=1.0, fail=3),
    centre=Band(warn=0.03, fail=0.08),
    lower=Band(warn=0.015, fail=0.05),
    height=Band(warn=0.025, fail=0.08),
    duplicate=0.25,
    gap=Band(warn=1.5, fail=5),
    gap_size=1.45,
    sure_step_deg=12.0,
    tour_gain=0.10,
    foreign=Band(warn=1.0, fail=1.6),
    direction_share=0.7,
    front_margin=0.15,
    difference=0.35,
)

DEFAULT: dict[Mode, Thresholds] = {
    Mode.STUDIO360: _STUDIO,
    Mode.WALK360: _STUDIO.model_copy(
        update={
            "rim_lightness": None,
            "rim_colour": None,
            "highlights": Band(warn=0.4, fail=0.7),
            "bright": Band(warn=0.9, fail=0.96),
            "ev": Band(warn=0.4, fail=1.0),
            "cast": Band(warn=5, fail=10),
            "shift": Band(warn=0.08, fail=0.3),
            "scale": Band(warn=0.1, fail=0.3),
            "turn_deg": Band(warn=2.5, fail=6),
            "centre": Band(warn=0.08, fail=0.2),
            "lower": Band(warn=0.06, fail=0.15),
            "height": Band(warn=0.08, fail=0.2),
        }
    ),
}
"""In a walk-around the rim is the surroundings, which no photographer can hold, and hands are no tripod."""
