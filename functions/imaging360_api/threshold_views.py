"""What the routes of thresholds answer."""

from pydantic import AwareDatetime, BaseModel, Field

from functions.imaging360_api.fields import Uuid
from vitrine.capture.models import Person, SetStatus
from vitrine.capture.overrules.models import WINDOW, Rate
from vitrine.capture.thresholds.models import InForce, Source, Version
from vitrine.capture.what_if.models import SetChange, Totals
from vitrine.kernel.http.paging import Page
from vitrine.set_qc.models import Mode
from vitrine.set_qc.thresholds import Thresholds, Values


class OverruleRates(BaseModel):
    """How often people overrule each check, in the last `sets` judged sets of the site, or of the organisation; `of` is
    the most that are counted. In `failed` of these sets the check failed a frame, in `overruled` a person let such a
    frame pass, and `rate` is `overruled / sets`. `often`: the rate is above 0.2 over `of` sets, which the webhook event
    `check.overruled_often` told. The check `unseen` counts sets in which a person wants a frame again that no check
    fails."""

    sets: int
    of: int = WINDOW
    checks: list[Rate]


class ThresholdsView(BaseModel):
    """The thresholds that hold. `source` says whose they are, `version` what verdicts name them by. `latest` is the
    number of the last version of this very site, or of the organisation: a change says it as `after`. Who set them, why
    and when is null for ours (`default`). Of `values`, null is what is not judged."""

    mode: Mode
    site_id: Uuid | None
    source: Source
    version: str
    latest: int
    values: Values
    reason: str | None
    set_by: Person | None
    set_at: AwareDatetime | None
    overrules: OverruleRates

    @classmethod
    def of(cls, mode: Mode, site_id: str | None, held: InForce, overrules: OverruleRates) -> "ThresholdsView":
        version = held.version
        return cls(
            mode=mode,
            site_id=site_id,
            source=held.source,
            version=held.thresholds.version,
            latest=held.number,
            values=values_of(held.thresholds),
            reason=version.reason if version else None,
            set_by=version.by if version else None,
            set_at=version.at if version else None,
            overrules=overrules,
        )


class VersionView(BaseModel):
    """A version, which never changes. `values` is null where it gave up thresholds of its own: what is above holds.
    `restores` is the number of the version that it brought back, 0 for the time before the first."""

    id: str
    number: int
    mode: Mode
    site_id: Uuid | None
    values: Values | None
    restores: int | None
    reason: str
    set_by: Person
    set_at: AwareDatetime

    @classmethod
    def of(cls, version: Version) -> "VersionView":
        return cls(
            id=version.id,
            number=version.number,
            mode=version.mode,
            site_id=version.site_id,
            values=values_of(version.thresholds) if version.thresholds else None,
            restores=version.restores,
            reason=version.reason,
            set_by=version.by,
            set_at=version.at,
        )


class VersionPage(Page[VersionView]):
    """The newest first; `next_cursor` continues the list, and is null at its end."""


class JudgeView(BaseModel):
    """`thresholds` are those that hold now, `judged_by` those of the last verdict. While `job_id` is not null, a
    verdict by `thresholds` is being made; the webhook event `set.judged` and `GET /v1/sessions/{id}` tell it."""

    session_id: Uuid
    status: SetStatus
    set_version: int
    thresholds: str
    judged_by: str | None
    job_id: Uuid | None


class WhatIfView(BaseModel):
    """`changed` are the sets of this page that would be judged otherwise. `totals` are over all pages so far, so those
    of the last page (`next_cursor` null) are over all sets."""

    changed: list[SetChange]
    totals: Totals
    next_cursor: str | None = Field(description="For the same body again, as `cursor`")


def values_of(thresholds: Thresholds) -> Values:
    return Values.model_validate(thresholds.model_dump(exclude={"version"}))
