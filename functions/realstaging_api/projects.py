from pydantic import AwareDatetime, BaseModel, Field

from functions.realstaging_api.surface import SURFACE
from vitrine.kernel.http import Api, Caller, Repeat
from vitrine.kernel.http.paging import DEFAULT_LIMIT, Page, PageCursor, PageLimit, Pages
from vitrine.kernel.http.policy import ID
from vitrine.staging import service
from vitrine.staging.models import Name, Project, ProjectChange

api = Api(SURFACE)
handler = api.handler

_pages = Pages()


class NewProject(BaseModel):
    name: Name
    description: str | None = Field(default=None, max_length=2000)


class ProjectView(BaseModel):
    id: str
    name: str
    description: str | None
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def of(cls, project: Project) -> "ProjectView":
        return cls(**project.model_dump(exclude={"tenant"}))


class ProjectPage(Page[ProjectView]):
    """The newest projects first; `next_cursor` continues the list, and is null at its end."""


@api.get("/api/v1/projects", summary="List projects", tags=["projects"], round_trips=2)
def list_projects(caller: Caller, limit: PageLimit = DEFAULT_LIMIT, cursor: PageCursor = None) -> ProjectPage:
    projects, next_cursor = _pages.read(
        f"projects#{caller.tenant}", cursor, lambda after: service.list_projects(caller, limit, after)
    )
    return ProjectPage(items=[ProjectView.of(project) for project in projects], next_cursor=next_cursor)


@api.post(
    "/api/v1/projects",
    status_code=201,
    summary="Create a project",
    tags=["projects"],
    round_trips=4,
    leads_to={f"{method} /api/v1/projects/{{id}}": {"id": ID} for method in ("GET", "PATCH", "DELETE")},
)
def create_project(body: NewProject, caller: Caller) -> ProjectView:
    return ProjectView.of(service.create_project(caller, body.name, body.description))


@api.get("/api/v1/projects/{id}", summary="Read a project", tags=["projects"], round_trips=2)
def get_project(id: str, caller: Caller) -> ProjectView:  # noqa: A002 - the contract's name
    return ProjectView.of(service.find_project(caller, id))


@api.patch("/api/v1/projects/{id}", summary="Change a project", tags=["projects"], round_trips=4)
def change_project(id: str, body: ProjectChange, caller: Caller) -> ProjectView:  # noqa: A002
    return ProjectView.of(service.change_project(caller, id, body))


@api.delete(
    "/api/v1/projects/{id}",
    status_code=204,
    summary="Delete a project",
    description="Images that are not over are cancelled. For 30 days it can be restored; after that its pictures are "
    "deleted.",
    tags=["projects"],
    round_trips=3,
)
def delete_project(id: str, caller: Caller) -> None:  # noqa: A002
    service.delete_project(caller, id)


@api.post(
    "/api/v1/projects/{id}/restore",
    summary="Restore a deleted project",
    description="Within 30 days of its deletion. Images that were cancelled by it stay cancelled.",
    tags=["projects"],
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
)
def restore_project(id: str, caller: Caller) -> ProjectView:  # noqa: A002
    return ProjectView.of(service.restore_project(caller, id))
