"""What the bus carries. No addresses of pictures: whoever wants one asks the API by the id."""

from pydantic import AwareDatetime, Field

from vitrine.capture.models import ImageError, ImageStatus, SessionStatus, SetStatus
from vitrine.kernel.record import Record
from vitrine.set_qc.models import Mode


class FrameInspected(Record):
    """A frame was looked at: `processed`, or `failed` with the error. Once for each `version` of the image."""

    tenant: str
    session_id: str
    image_id: str
    version: int = Field(ge=1)
    status: ImageStatus
    error: ImageError | None = None
    at: AwareDatetime


class FramePublished(Record):
    """A frame was published on its own. Once for each `version` of the image."""

    tenant: str
    session_id: str
    image_id: str
    version: int = Field(ge=1)
    at: AwareDatetime


class FrameReviewed(Record):
    """A person said that a frame passes, or is to be shot again. Once for each `version` of the image.

    `overruled` names the checks that had failed and that the person let pass.
    """

    tenant: str
    session_id: str
    image_id: str
    version: int = Field(ge=1)
    passed: bool
    overruled: tuple[str, ...] = ()
    at: AwareDatetime


class SessionChanged(Record):
    """A session's status changed. Once for each `version` of the session."""

    tenant: str
    session_id: str
    version: int = Field(ge=1)
    status: SessionStatus
    at: AwareDatetime


class SetJudged(Record):
    """A session's frames were judged as a set. Once for each job that judged it.

    `missing` and `reshoot` count places. `confidence` is lower where the endpoint's masks were missing.
    """

    tenant: str
    session_id: str
    job_id: str
    set_version: int = Field(ge=0)
    status: SetStatus
    thresholds: str
    missing: int = Field(ge=0)
    reshoot: int = Field(ge=0)
    confidence: float = Field(ge=0.0, le=1.0)
    at: AwareDatetime


class CheckOverruledOften(Record):
    """People overrule a check in more than a fifth of the last 50 judged sets of a site, or of the organisation where
    `site_id` is null. Once when the share is passed: for each site, mode, check and `version` of their window.

    `session_id` is the set with which it was passed. The check `unseen` stands for the one that is missing: people
    want frames again that no check fails.
    """

    tenant: str
    session_id: str
    site_id: str | None
    mode: Mode
    check: str
    version: int = Field(ge=1)
    sets: int = Field(ge=1)
    overruled: int = Field(ge=0)
    rate: float = Field(ge=0.0, le=1.0)
    at: AwareDatetime


class SetPublished(Record):
    """A session's frames were published as a set, whole. Once for each job that published it."""

    tenant: str
    session_id: str
    job_id: str
    set_version: int = Field(ge=0)
    frames: int = Field(ge=1)
    at: AwareDatetime


Change = (
    FrameInspected | FramePublished | FrameReviewed | SessionChanged | SetJudged | CheckOverruledOften | SetPublished
)
