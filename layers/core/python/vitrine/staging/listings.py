"""Lists of images, stagings and batches, the newest first.

A list knows when a job was created, and nothing that may change: what is shown of a job is read from the job. So a list
costs one query and one read of many jobs, needs no index, and shows a job right after it was queued.
"""

from collections.abc import Callable

from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel.cursors import Position
from vitrine.kernel.ids import is_id
from vitrine.staging import rules, store
from vitrine.staging.models import Listed, ListQuery

Wanted = Callable[[Job], bool]
LOOKED_AT = 100
"""Jobs that a page of some states looks at: as many as DynamoDB reads at once."""


def images(
    tenant: str, project_id: str, query: ListQuery, after: Position | None, wanted: Wanted | None = None
) -> tuple[list[Job], Position | None]:
    """The images of a project; see `page`. Raises `NotFound` for a project that is not there."""
    if not is_id(project_id, "prj") or store.get(tenant, project_id) is None:
        raise store.no_project()
    return page(tenant, rules.images_of(project_id), query, after, wanted)


def page(
    tenant: str, name: str, query: ListQuery, after: Position | None, wanted: Wanted | None = None
) -> tuple[list[Job], Position | None]:
    """One page of a list, and where the next begins; None at the end.

    With `wanted` a page may have fewer jobs than `limit`, even none, before the list's end.
    """
    found, following = store.listed(tenant, name, LOOKED_AT if wanted else query.limit, query, after)
    known = jobs.find_all(tenant, [each.id for each in found])
    there = [known[each.id] for each in found if each.id in known]
    kept = [job for job in there if wanted is None or wanted(job)]
    if len(kept) <= query.limit:
        return kept, following
    return kept[: query.limit], store.after_listed(tenant, name, kept[query.limit - 1].id)


def recent(tenant: str, limit: int) -> list[Listed]:
    """The newest stagings, as their list has them: by one query."""
    return store.listed(tenant, rules.STAGINGS, limit, ListQuery(limit=limit), None)[0]
