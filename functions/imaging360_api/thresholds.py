"""Thresholds of the quality control: which hold, new ones, what those would do, and judging again by them."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.imaging360_api.callers import ADMIN, REVIEWER, USER
from functions.imaging360_api.fields import Uuid
from functions.imaging360_api.surface import SURFACE
from functions.imaging360_api.threshold_views import (
    JudgeView,
    OverruleRates,
    ThresholdsView,
    VersionPage,
    VersionView,
    WhatIfView,
)
from vitrine.capture.judging import again
from vitrine.capture.overrules import service as overrules
from vitrine.capture.thresholds import service
from vitrine.capture.thresholds.models import NewVersion
from vitrine.capture.what_if import service as what_if
from vitrine.capture.what_if.models import MOST_SETS, Answer, WhatIf
from vitrine.kernel.cursors import Position
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Api, Caller, Repeat
from vitrine.kernel.http.paging import DEFAULT_LIMIT, PageCursor, PageLimit, Pages
from vitrine.kernel.http.policy import ID
from vitrine.set_qc.models import Mode

api = Api(SURFACE)
handler = api.handler

_bucket = Buckets.load().media_bucket
_pages = Pages()
Site = Annotated[Uuid | None, Query(description="Of a site; without it, of the organisation")]


@api.get(
    "/v1/thresholds",
    summary="Read the thresholds in force",
    description="What frames and sets are judged by: the site's own thresholds, else the organisation's, else ours. "
    "Stills are judged as `studio360`. With how often people overrule each check.",
    tags=["thresholds"],
    allow=USER,
    round_trips=4,
    errors=(404,),
)
def get_thresholds(caller: Caller, mode: Mode, site_id: Site = None) -> ThresholdsView:
    held = service.read(caller, site_id, mode)
    sets, rates = overrules.rates(caller.tenant, site_id, mode)
    return ThresholdsView.of(mode, site_id, held, OverruleRates(sets=sets, checks=list(rates)))


@api.post(
    "/v1/thresholds/versions",
    status_code=201,
    summary="Set thresholds",
    description="A new version for a site, or for the organisation, which holds at once; sets that are judged already "
    "stay as they are (`POST /v1/sessions/{id}/judge`). Say `values` to change, or the number of a version to "
    "`restore`; 0 gives up thresholds of one's own. `after` is `latest` as it was read: when others changed them, "
    "the answer is 409 STALE_THRESHOLDS. The same change again is answered as the first.",
    tags=["thresholds"],
    allow=ADMIN,
    repeat=Repeat.IN_TRANSACTION,
    round_trips=4,
    errors=(404, 409),
    leads_to={"GET /v1/thresholds/versions/{id}": {"id": ID}},
)
def set_thresholds(body: NewVersion, caller: Caller) -> VersionView:
    return VersionView.of(service.change(caller, body))


@api.get(
    "/v1/thresholds/versions",
    summary="List versions of thresholds",
    tags=["thresholds"],
    allow=USER,
    round_trips=3,
    errors=(404,),
)
def list_versions(
    caller: Caller, mode: Mode, site_id: Site = None, limit: PageLimit = DEFAULT_LIMIT, cursor: PageCursor = None
) -> VersionPage:
    found, next_cursor = _pages.read(
        f"thresholds#{caller.tenant}#{mode}#{site_id}",
        cursor,
        lambda after: service.listed(caller, site_id, mode, limit, after),
    )
    return VersionPage(items=list(map(VersionView.of, found)), next_cursor=next_cursor)


@api.get(
    "/v1/thresholds/versions/{id}",
    summary="Read a version of thresholds",
    description="By the id that a verdict names its thresholds by; ours have no version here.",
    tags=["thresholds"],
    allow=USER,
    round_trips=2,
)
def get_version(id: str, caller: Caller) -> VersionView:  # noqa: A002 - as the other routes name it
    return VersionView.of(service.find(caller, id))


@api.post(
    "/v1/thresholds/what-if",
    summary="Try thresholds on past sets",
    description="What the proposed thresholds would have made of sets that were judged before, against those that hold "
    "now and against what reviewers said. Nothing is changed. A page is up to 50 sessions, the ones that were opened "
    "last first; send the same body again with `cursor` until `next_cursor` is null.",
    tags=["thresholds"],
    allow=REVIEWER,
    # It changes nothing, and a key would be a fifth request.
    repeat=Repeat.NOT_TAKEN,
    round_trips=4,
    errors=(403, 404),
)
def try_thresholds(
    body: WhatIf,
    caller: Caller,
    limit: Annotated[int, Query(ge=1, le=MOST_SETS)] = MOST_SETS,
    cursor: PageCursor = None,
) -> WhatIfView:
    def page(after: Position | None) -> tuple[list[Answer], Position | None]:
        answer, more = what_if.ask(caller, body, limit, after, _bucket)
        return [answer], more

    answers, next_cursor = _pages.read(what_if.listing(caller, body), cursor, page)
    return WhatIfView(changed=list(answers[0].changed), totals=answers[0].totals, next_cursor=next_cursor)


@api.post(
    "/v1/sessions/{id}/judge",
    status_code=202,
    summary="Judge a set again",
    description="By the thresholds that hold now and by the numbers that were measured before, so no picture is "
    "decoded. What people said of frames holds on. A set that was judged by them already is not judged again.",
    tags=["sessions"],
    allow=REVIEWER,
    brings_work=True,
    repeat=Repeat.IN_TRANSACTION,
    round_trips=4,
    errors=(404, 409),
    leads_to={"GET /v1/sessions/{id}": {"id": "$response.body#/session_id"}},
)
def judge_session(id: str, caller: Caller) -> JudgeView:  # noqa: A002
    asked = again.ask(caller, id)
    return JudgeView(
        session_id=asked.session.id,
        status=asked.status,
        set_version=asked.session.set_version,
        thresholds=asked.thresholds,
        judged_by=asked.verdict.thresholds if asked.verdict else None,
        job_id=asked.job_id,
    )
