from pydantic import AwareDatetime, Field

from vitrine.capture.models import SetStatus
from vitrine.capture.thresholds.models import Proposal
from vitrine.kernel.record import Moment, Record
from vitrine.set_qc.models import CheckStatus

MOST_SETS = 50
"""Sets of one call: a page's sessions and verdicts are the 100 items of one BatchGetItem."""


class WhatIf(Proposal):
    """`opened_from` and `opened_before` say of which time sets are looked at, by when their sessions were opened."""

    opened_from: Moment | None = None
    opened_before: Moment | None = None


class Counts(Record):
    """Of frames or sets: how many fail by the thresholds that hold, how many more and fewer would by the proposed ones.

    Against what people said: `overruled` fail and were let pass by a person; `overrules_avoided` are those of them that
    would not fail any more. `sound_newly_failed` were let pass by a person, or published without a word, and would
    fail. `reshoots_missed` were to be shot again by a person's word, fail now, and would not.
    """

    failed: int = 0
    newly_failed: int = 0
    no_longer_failed: int = 0
    overruled: int = 0
    overrules_avoided: int = 0
    sound_newly_failed: int = 0
    reshoots_missed: int = 0


class Totals(Record):
    """Over all pages so far. `read` sessions were looked at, of which `judged` have a verdict in this mode, and of
    those `with_own_thresholds` at sites that a change of the organisation's would not reach; `unreadable` were judged
    by an earlier release, whose numbers are not there any more. `frame_checks` count frames, `set_checks` sets; checks
    that fail nowhere, before or after, are left out."""

    read: int = 0
    judged: int = 0
    with_own_thresholds: int = 0
    unreadable: int = 0
    sets: Counts = Counts()
    frames: Counts = Counts()
    frame_checks: dict[str, Counts] = Field(default_factory=dict)
    set_checks: dict[str, Counts] = Field(default_factory=dict)


COUNTS, BY_CHECK = ("sets", "frames"), ("frame_checks", "set_checks")
NUMBERS = tuple(name for name in Totals.model_fields if name not in (*COUNTS, *BY_CHECK))
"""The fields of `Totals` by what they hold: counts, counts by check, and plain numbers."""


class Moved(Record):
    """A check's status by the thresholds that hold, and by the proposed ones; null where there is no such check."""

    before: CheckStatus | None
    after: CheckStatus | None


class FrameChange(Record):
    """A frame that would be judged otherwise. `let_pass`: what a person said of it, null for nothing."""

    image_id: str
    let_pass: bool | None
    checks: dict[str, Moved]


class SetChange(Record):
    """A set that would be judged otherwise, or some of its frames."""

    session_id: str
    site_id: str
    opened_at: AwareDatetime
    set_version: int
    status_before: SetStatus
    status_after: SetStatus
    checks: dict[str, Moved]
    frames: tuple[FrameChange, ...]


class Compared(Record):
    """One set under two versions of thresholds."""

    change: SetChange | None
    totals: Totals


class Answer(Record):
    changed: tuple[SetChange, ...]
    totals: Totals
