from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, BaseModel, Field

from functions.realstaging_api.api import guarded
from vitrine.kernel import secrets
from vitrine.kernel.cursors import Cursors
from vitrine.kernel.environment import CursorKey
from vitrine.kernel.http import Caller
from vitrine.staging import service
from vitrine.staging.models import Name, Project, ProjectChange

api = guarded()
handler = api.handler
routes = api.routes

_key = CursorKey.load()
_cursors = Cursors(lambda: secrets.value(_key.cursor_key_secret_arn).encode())


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


class ProjectPage(BaseModel):
    """The newest projects first; `next_cursor` continues the list, and is null at its end."""

    items: list[ProjectView]
    next_cursor: str | None


@routes.get("/api/v1/projects", summary="List projects", tags=["projects"])
def list_projects(
    caller: Caller,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> ProjectPage:
    listing = f"projects#{caller.tenant}"
    projects, after = service.list_projects(caller, limit, _cursors.open(listing, cursor) if cursor else None)
    return ProjectPage(
        items=[ProjectView.of(project) for project in projects],
        next_cursor=_cursors.seal(listing, after) if after else None,
    )


@routes.post("/api/v1/projects", status_code=201, summary="Create a project", tags=["projects"])
def create_project(body: NewProject, caller: Caller) -> ProjectView:
    return ProjectView.of(service.create_project(caller, body.name, body.description))


@routes.get("/api/v1/projects/<id>", summary="Read a project", tags=["projects"])
def get_project(id: str, caller: Caller) -> ProjectView:  # noqa: A002 - the contract's name
    return ProjectView.of(service.find_project(caller, id))


@routes.patch("/api/v1/projects/<id>", summary="Change a project", tags=["projects"])
def change_project(id: str, body: ProjectChange, caller: Caller) -> ProjectView:  # noqa: A002
    return ProjectView.of(service.change_project(caller, id, body))


@routes.delete("/api/v1/projects/<id>", status_code=204, summary="Delete a project", tags=["projects"])
def delete_project(id: str, caller: Caller) -> None:  # noqa: A002
    service.delete_project(caller, id)
