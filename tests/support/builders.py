"""`any_*` builders: a valid value of a kind, for whatever does not matter to a test."""

from datetime import datetime
from itertools import count
from typing import Any

from tests.support.clock import now
from vitrine.jobs.models import Job, JobKind, JobState
from vitrine.jobs.rules import WAIT_FOR_UPLOAD
from vitrine.kernel.call import Call
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal

_numbers = count(1)


def any_tenant() -> str:
    return f"ten_{next(_numbers):04}"


def any_call(tenant: str | None = None, at: datetime | None = None) -> Call:
    tenant, moment = tenant or any_tenant(), at or now()
    return Call(Principal(tenant, f"usr_{tenant}"), moment, Ids.random(moment), f"req_{next(_numbers)}")


def any_job(**changes: Any) -> Job:
    created = now()
    job = Job(
        id=f"img_{next(_numbers):06}",
        tenant="ten_a",
        kind=JobKind.STAGE,
        state=JobState.QUEUED,
        version=1,
        subject="prj_a",
        asset_id="ast_a",
        credits=1,
        input={"style": "modern_luxury"},
        created_at=created,
        updated_at=created,
        deadline=created + WAIT_FOR_UPLOAD,
    )
    return job.model_copy(update=changes)
