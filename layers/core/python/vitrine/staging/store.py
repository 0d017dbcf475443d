"""Projects in DynamoDB, under their tenant: PROJECT#id while live, DELETED#id for the 30 days of recovery.

Ids sort by age, so listing needs no index, and a list read right after a change shows it.
"""

from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute

from vitrine.kernel import tables
from vitrine.kernel.cursors import Position
from vitrine.kernel.environment import StagingTable
from vitrine.kernel.errors import Conflict, NotFound
from vitrine.kernel.tables import Table, Write
from vitrine.staging.models import Project

RECOVERABLE_FOR = timedelta(days=30)


class _Item(Table):
    class Meta:
        table_name = StagingTable.load().staging_table

    kind: Any = DiscriminatorAttribute()


class _ProjectItem(_Item, discriminator="PROJECT"):
    body: Any = UnicodeAttribute()


class ProjectExists(Conflict):
    code = "project_exists"


class StaleProject(Conflict):
    """Somebody else changed or deleted the project since it was read. Read it again."""

    code = "stale_project"


def insert(project: Project) -> None:
    condition = _ProjectItem.pk.does_not_exist()
    tables.commit(tables.put(_live(project), condition, lambda: ProjectExists("This project exists.")))


def replace(before: Project, after: Project) -> None:
    """Conflicts with `StaleProject` unless the stored one is `before`."""
    unchanged = _ProjectItem.body == before.model_dump_json()
    tables.commit(tables.put(_live(after), unchanged, lambda: StaleProject("The project was changed meanwhile.")))


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
    kept = _ProjectItem(project.tenant, f"DELETED#{project.id}", body=project.model_dump_json())
    kept.expires_at = int((now + RECOVERABLE_FOR).timestamp())
    tables.commit(
        tables.delete(_live(project), _ProjectItem.pk.exists(), no_project),
        tables.put(kept, None, no_project),
    )


def _live(project: Project) -> _ProjectItem:
    return _ProjectItem(project.tenant, f"PROJECT#{project.id}", body=project.model_dump_json())


def _project(item: _ProjectItem) -> Project:
    return Project.model_validate_json(item.body)


def no_project() -> NotFound:
    return NotFound("There is no such project.", code="project_not_found")
