"""What a tenant has, in DynamoDB, under the tenant.

| item    | sk               | kept                                                                      |
|---------|------------------|---------------------------------------------------------------------------|
| PROJECT | PROJECT#id       | while it is live                                                          |
| PROJECT | DELETED#id       | for the 30 days of recovery; that it is there leaves by the stream        |
| IMAGE   | IMAGE#project#id | as long as its job: each image of a project                               |
| STAGING | STAGING#id       | as long as its job: each staging that the surface lists                   |

Ids sort by age, so listing needs no index, and a list read right after a change shows it.
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
from vitrine.kernel.tables import Table, Write
from vitrine.staging.models import Project, ProjectEvent, RecentStaging

RECOVERABLE_FOR = timedelta(days=30)


class _Item(Table):
    class Meta:
        table_name = schema.STAGING.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _ProjectItem(_Item, discriminator="PROJECT"):
    name: Any = UnicodeAttribute()
    description: Any = UnicodeAttribute(null=True)
    created_at: Any = UnicodeAttribute()
    updated_at: Any = UnicodeAttribute()


class _ImageItem(_Item, discriminator="IMAGE"):
    pass


class _StagingItem(_Item, discriminator="STAGING"):
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
    )


def is_deleted(tenant: str, project_id: str) -> bool:
    return _ProjectItem.count(tenant, _ProjectItem.sk == f"DELETED#{project_id}", consistent_read=True) > 0


def event_from_image(image: dict[str, Any]) -> ProjectEvent:
    """That a project was deleted, by its DELETED item in a stream record's NewImage, in DynamoDB's JSON."""
    kept_until = datetime.fromtimestamp(int(image["expires_at"]["N"]), UTC)
    return ProjectEvent(
        tenant=image["pk"]["S"], project_id=image["sk"]["S"].partition("#")[2], at=kept_until - RECOVERABLE_FOR
    )


def list_image(tenant: str, project_id: str, image_id: str, until: datetime) -> Write:
    """For the transaction that queues its job. What is listed never changes, so a repeat writes the same."""
    item = _ImageItem(tenant, f"{_images(project_id)}{image_id}", expires_at=int(until.timestamp()))
    return tables.put(item, None, no_project)


def image_ids(tenant: str, project_id: str) -> Iterator[str]:
    """Of all images of a project, the newest first, as of now."""
    items = _ImageItem.query(
        tenant, _ImageItem.sk.startswith(_images(project_id)), scan_index_forward=False, consistent_read=True
    )
    return (item.sk.rpartition("#")[2] for item in items)


def list_staging(tenant: str, staging: RecentStaging, until: datetime) -> Write:
    """For the transaction that queues its job. What is listed never changes, so a repeat writes the same."""
    item = _StagingItem(
        tenant,
        f"STAGING#{staging.id}",
        property_name=staging.property_name,
        created_at=timestamp(staging.created_at),
        expires_at=int(until.timestamp()),
    )
    return tables.put(item, None, no_project)


def recent(tenant: str, limit: int) -> list[RecentStaging]:
    """The newest stagings first."""
    items = _StagingItem.query(
        tenant,
        _StagingItem.sk.startswith("STAGING#"),
        limit=limit,
        page_size=limit,
        scan_index_forward=False,
        consistent_read=True,
    )
    return [
        RecentStaging(
            id=item.sk.partition("#")[2],
            created_at=datetime.fromisoformat(item.created_at),
            property_name=item.property_name,
        )
        for item in items
    ]


def _images(project_id: str) -> str:
    return f"IMAGE#{project_id}#"


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


def _set(attribute: Any, value: str | None) -> Action:
    return cast(Action, attribute.remove() if value is None else attribute.set(value))


def no_project() -> NotFound:
    return NotFound("There is no such project.", code="project_not_found")
