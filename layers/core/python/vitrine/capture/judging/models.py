from pydantic import Field

from vitrine.capture.models import SetStatus
from vitrine.kernel.record import Record
from vitrine.set_qc.models import FrameMeasures, Mode, SetFrame, SetMeasures

AT_ONCE = 8
"""Frames that one call of the endpoint looks at: at half a second of CPU each, well within its 60 s, a cold start
included."""


class FrameAt(Record):
    """A frame that the endpoint looks at; `key` is its original's, in the media bucket."""

    id: str
    key: str


class Chunk(Record):
    """What one call of the endpoint looks at."""

    tenant: str
    job_id: str
    session_id: str
    frames: tuple[FrameAt, ...] = Field(max_length=AT_ONCE)


class Plan(Record):
    """What the machine `set` goes by: the frames that the endpoint shall look at now, in chunks, and whether there are
    any. `asked` names them and those of the rounds before."""

    tenant: str
    job_id: str
    attempt: int
    session_id: str
    chunks: tuple[Chunk, ...]
    looks: bool = False
    asked: tuple[str, ...] = ()


class Measured(Record):
    """All that a verdict follows from, so that it can be given again under other thresholds without a picture.

    `seen` names the frames whose masks were there. `relations` is None for a session that has no turn.
    """

    session_id: str
    set_version: int
    mode: Mode
    expected: int | None
    frames: tuple[SetFrame, ...]
    measures: dict[str, FrameMeasures]
    relations: SetMeasures | None
    seen: tuple[str, ...] = ()


class Outcome(Record):
    """The verdict in short, which is the job's result."""

    session_id: str
    set_version: int
    status: SetStatus
