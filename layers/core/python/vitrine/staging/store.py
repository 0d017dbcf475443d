"""What a tenant has, in DynamoDB, under the tenant; DUE items lie under DUE.

| item      | sk                 | kept                                                                           |
|-----------|--------------------|--------------------------------------------------------------------------------|
| PROJECT   | PROJECT#id         | while it is live                                                               |
| PROJECT   | DELETED#id         | for the 30 days of recovery; that it is there leaves by the stream             |
| DUE       | due#tenant#project | until a deleted project's images are gone, from `due` on                       |
| STAGING   | IMAGE#project#age  | as long as its job: each image of a project                                    |
| STAGING   | STAGING#stg_age    | as long as its job: each staging that the surface lists                        |
| STAGING   | BATCH#age          | as long as its job: each batch                                                 |
| WITHDRAWN | WITHDRAWN#job      | 30 days: the job's owner wants its pictures gone, and that leaves by the stream |

`age` is the job's id without its prefix. It sorts by time, so listing needs no index, and a list read right after a
change shows it. Stagings keep the prefix that ids had until 2026-11-28, so that old and new ones sort together.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s, timestamp
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import Conflict, NotFound
from vitrine.kernel.ids import earliest
from vitrine.kernel.tables import Table, Write
from vitrine.staging import rules
from vitrine.staging.models import DeletedProject, Listed, ListQuery, Project, ProjectEvent, WithdrawnEvent

RECOVERABLE_FOR = timedelta(days=30)
_BEHIND_ALL, _DUE = "~", "DUE"


class _Item(Table):
    class Meta:
        table_name = schema.STAGING.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _ProjectItem(_Item, discriminator="PROJECT"):
    name: Any = UnicodeAttribute()
    description: Any = UnicodeAttribute(null=True)
    created_at: Any = UnicodeAttribute()
    updated_at: Any = UnicodeAttribute()


class _DueItem(_Item, discriminator="DUE"):
    pass


class _WithdrawnItem(_Item, discriminator="WITHDRAWN"):
    body: Any = UnicodeAttribute()


class _ListedItem(_Item, discriminator="STAGING"):
    job_id: Any = UnicodeAttribute(null=True)
    property_name: Any = UnicodeAttribute(null=True)
    created_at: Any = UnicodeAttribute()


class ProjectExists(Conflict):
    code = "project_exists"


def insert(project: Project) -> None:
    condition = _ProjectItem.pk.does_not_exist()
    tables.commit(tables.put(_live(project), condition, lambda: ProjectExists("This project exists.")))


def change(tenant: str, project_id: str, said: Mapping[str, str | None], now: datetime) -> Project:
    """Set what is said and leave the rest, in one write, so that changes at once both stay. Raises `NotFound`."""
    item = _ProjectItem(tenant, f"PROJECT#{project_id}")
    fields = {**said, "updated_at": timestamp(now)}
    actions = [_set(getattr(_ProjectItem, name), value) for name, value in fields.items()]
    try:
        item.update(actions, condition=_ProjectItem.pk.exists())
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        raise no_project() from None
    return _project(item)


def get(tenant: str, project_id: str) -> Project | None:
    try:
        return _project(_ProjectItem.get(tenant, f"PROJECT#{project_id}", consistent_read=True))
    except _ProjectItem.DoesNotExist:
        return None


def exists(tenant: str, project_id: str) -> Write:
    """Holds a transaction to the project being there, and the tenant's own."""
    return tables.check(_ProjectItem, (tenant, f"PROJECT#{project_id}"), _ProjectItem.pk.exists(), no_project)


def page(tenant: str, limit: int, after: Position | None) -> tuple[list[Project], Position | None]:
    """The newest projects first, and where the next page begins."""
    results = _ProjectItem.query(
        tenant,
        _ProjectItem.sk.startswith("PROJECT#"),
        limit=limit,
        page_size=limit,
        last_evaluated_key=after,
        scan_index_forward=False,
        consistent_read=True,
    )
    projects = [_project(item) for item in results]
    return projects, results.last_evaluated_key


def soft_delete(project: Project, now: datetime) -> None:
    """Conflicts with `NotFound` when it is gone already."""
    kept = _item(project, "DELETED")
    kept.expires_at = epoch_s(now + RECOVERABLE_FOR)
    tables.commit(
        tables.delete(_live(project), _ProjectItem.pk.exists(), no_project),
        tables.put(kept, None, no_project),
        tables.put(_due_item(project.tenant, project.id, kept.expires_at), None, no_project),
    )


def find(tenant: str, project_id: str) -> Project | DeletedProject | None:
    """The project as it is live, or else as it was deleted; by one read."""
    keys = [(tenant, f"PROJECT#{project_id}"), (tenant, f"DELETED#{project_id}")]
    found = {item.sk.partition("#")[0]: item for item in _ProjectItem.batch_get(keys, consistent_read=True)}
    if live := found.get("PROJECT"):
        return _project(live)
    deleted = found.get("DELETED")
    return DeletedProject(project=_project(deleted), until=_moment(deleted.expires_at)) if deleted else None


def restore(deleted: DeletedProject) -> None:
    """Conflicts with `NotFound` when it is restored or gone already."""
    project, until = deleted.project, epoch_s(deleted.until)
    tables.commit(
        tables.delete(_item(project, "DELETED"), _ProjectItem.expires_at == until, no_project),
        tables.put(_live(project), _ProjectItem.pk.does_not_exist(), no_project),
        tables.delete(_due_item(project.tenant, project.id, until), None, no_project),
    )


def past_recovery(now: datetime) -> Iterator[tuple[str, str, datetime]]:
    """Tenant, project and time of all that could be recovered until before `now`, the longest overdue first."""
    for item in _DueItem.query(_DUE, _DueItem.sk < timestamp(now)):
        until, tenant, project_id = item.sk.split("#")
        yield tenant, project_id, datetime.fromisoformat(until)


def forget(tenant: str, project_id: str) -> None:
    """From now on a deleted project cannot be recovered."""
    tables.commit(tables.delete(_ProjectItem(tenant, f"DELETED#{project_id}"), None, no_project))


def no_longer_due(tenant: str, project_id: str, until: datetime) -> None:
    tables.commit(tables.delete(_due_item(tenant, project_id, epoch_s(until)), None, no_project))


def is_deleted(tenant: str, project_id: str) -> bool:
    return _ProjectItem.count(tenant, _ProjectItem.sk == f"DELETED#{project_id}", consistent_read=True) > 0


def event_from_image(image: dict[str, Any]) -> ProjectEvent | WithdrawnEvent:
    """What a DELETED or WITHDRAWN item tells, from a stream record's NewImage, in DynamoDB's JSON."""
    tenant, (item, _, own_id) = image["pk"]["S"], image["sk"]["S"].partition("#")
    if item == "WITHDRAWN":
        return WithdrawnEvent.model_validate_json(image["body"]["S"])
    return ProjectEvent(tenant=tenant, project_id=own_id, at=_moment(int(image["expires_at"]["N"])) - RECOVERABLE_FOR)


def put_withdrawn(event: WithdrawnEvent) -> Write:
    """For the transaction that withdraws a job's pictures."""
    until = epoch_s(event.at + RECOVERABLE_FOR)
    item = _WithdrawnItem(event.tenant, f"WITHDRAWN#{event.job_id}", body=event.model_dump_json(), expires_at=until)
    return tables.put(item, None, no_project)


def image_ids(tenant: str, project_id: str) -> Iterator[str]:
    """Of all images of a project, the newest first, as of now."""
    start = _start(rules.images_of(project_id))
    items = _ListedItem.query(tenant, _ListedItem.sk.startswith(start), scan_index_forward=False, consistent_read=True)
    return (_listed(item).id for item in items)


def put_listed(tenant: str, name: str, job: Listed, until: datetime) -> Write:
    """For the transaction that queues the job. What is listed never changes, so a repeat writes the same."""
    item = _ListedItem(
        tenant,
        _listed_sk(name, job.id),
        job_id=job.id,
        property_name=job.property_name,
        created_at=timestamp(job.created_at),
        expires_at=epoch_s(until),
    )
    return tables.put(item, None, no_project)


def remove_listed(tenant: str, name: str, job_id: str) -> Write:
    return tables.delete(_ListedItem(tenant, _listed_sk(name, job_id)), None, no_project)


def listed(
    tenant: str, name: str, limit: int, query: ListQuery, after: Position | None
) -> tuple[list[Listed], Position | None]:
    """The newest first of those that were created when the query says, whatever their states; and where to go on."""
    results = _ListedItem.query(
        tenant,
        _ListedItem.sk.between(*_bounds(name, query)),
        limit=limit,
        page_size=limit,
        last_evaluated_key=after,
        scan_index_forward=False,
        consistent_read=True,
    )
    return [_listed(item) for item in results], results.last_evaluated_key


def after_listed(tenant: str, name: str, job_id: str) -> Position:
    """Where a list goes on behind a job."""
    return {"pk": {"S": tenant}, "sk": {"S": _listed_sk(name, job_id)}}


def _listed(item: Any) -> Listed:
    return Listed(
        id=item.job_id or item.sk.rpartition("#")[2],
        created_at=datetime.fromisoformat(item.created_at),
        property_name=item.property_name,
    )


def _bounds(name: str, query: ListQuery) -> tuple[str, str]:
    first = earliest(query.created_from) if query.created_from else ""
    last = earliest(query.created_before) if query.created_before else _BEHIND_ALL
    return _start(name) + first, _start(name) + max(first, last)


def _listed_sk(name: str, job_id: str) -> str:
    return _start(name) + job_id.partition("_")[2]


def _start(name: str) -> str:
    return f"{name}#stg_" if name == rules.STAGINGS else f"{name}#"


def _live(project: Project) -> _ProjectItem:
    return _item(project, "PROJECT")


def _item(project: Project, state: str) -> _ProjectItem:
    return _ProjectItem(
        project.tenant,
        f"{state}#{project.id}",
        name=project.name,
        description=project.description,
        created_at=timestamp(project.created_at),
        updated_at=timestamp(project.updated_at),
    )


def _project(item: _ProjectItem) -> Project:
    return Project(
        id=item.sk.partition("#")[2],
        tenant=item.pk,
        name=item.name,
        description=item.description,
        created_at=datetime.fromisoformat(item.created_at),
        updated_at=datetime.fromisoformat(item.updated_at),
    )


def _due_item(tenant: str, project_id: str, until: int) -> _DueItem:
    return _DueItem(_DUE, f"{timestamp(_moment(until))}#{tenant}#{project_id}")


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _set(attribute: Any, value: str | None) -> Action:
    return cast(Action, attribute.remove() if value is None else attribute.set(value))


def no_project() -> NotFound:
    return NotFound("There is no such project.", code="project_not_found")
