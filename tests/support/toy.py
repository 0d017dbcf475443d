"""A surface of one toy Lambda, to test what every route of every surface shares."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, UploadFile
from pydantic import BaseModel, Field

from tests.support.requests import Reply, send
from vitrine.kernel import problems, tables
from vitrine.kernel.errors import Unauthenticated
from vitrine.kernel.http import Allow, Api, Caller, Form, Repeat
from vitrine.kernel.http.policy import ID
from vitrine.kernel.idempotency import Repeated
from vitrine.kernel.principal import Principal
from vitrine.kernel.surface import ERRORS, Authenticate, Callers, ErrorShape, Limit, Surface

SECRET = "hunter2-secret-body"  # planted, to be found nowhere


class Order(BaseModel):
    name: str = Field(max_length=40)


class Detail(BaseModel):
    size: int = 3
    note: str | None = "none"


class Change(BaseModel):
    """Nothing in it has to be there."""

    name: str | None = None
    count: int = 7
    details: list[Detail] = Field(default_factory=list)


class Made(BaseModel):
    id: str
    name: str


class Picture(Form):
    """What the form of the toy's pictures holds; as JSON, the image is the key of an upload."""

    image: UploadFile | str
    others: list[UploadFile] = Field(default_factory=list)
    style: str = Field(max_length=10)


class Taken(BaseModel):
    bytes_: int
    others: list[int]
    style: str
    id: str


def authenticate(token: str, now: datetime) -> Principal:
    if not token.startswith("token-"):
        raise Unauthenticated("This token is not valid here.")
    return Principal(f"ten_{token.removeprefix('token-')}", "usr")


def _authenticator() -> Authenticate:
    return authenticate


SURFACE = Surface(
    name="toy",
    title="Toy API",
    errors=ErrorShape(problems.render, problems.CONTENT_TYPE, problems.SCHEMA, ERRORS),
    callers=Callers(load=_authenticator, bearer={}, credential="access token", limits=(Limit("minute", 8, 60),)),
    presign="POST /presign",
    max_json_body=500,
    max_form_body=5_000,
)
DECLARED: dict[str, Any] = {"summary": "A toy's route", "tags": ["toy"], "round_trips": 3}


class Toy:
    """A surface with one thing to make, whose work can be made to crash or to refuse."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.made: list[str] = []
        self.signature = "a1"
        self.before_work: Callable[[], Any] = lambda: None
        self.after_work: Callable[[], Any] = lambda: None
        self.api = api = Api(SURFACE, clock=lambda: self.now)
        api.post("/pictures", status_code=201, form=True, **DECLARED)(self.take)
        api.get("/open", allow=Allow.PUBLIC, **DECLARED)(lambda: {"open": True})
        api.post("/open", allow=Allow.PUBLIC, **DECLARED)(self.greet)
        api.post("/things", status_code=201, **DECLARED)(self.make)
        api.patch("/things/{id}", **DECLARED)(self.change)
        api.post("/kept", status_code=201, repeat=Repeat.IN_TRANSACTION, **DECLARED)(self.keep)
        api.post("/passing", status_code=201, repeat=Repeat.RUN_AGAIN, **DECLARED)(self.make)
        api.post("/work", status_code=201, brings_work=True, **DECLARED)(self.make)
        api.post("/dear", status_code=201, limit=Limit("dear", 2, 3600), **DECLARED)(self.make)
        api.put("/things/{id}", **DECLARED)(self.echo)
        api.get("/things/{id}", **DECLARED)(self.find)
        leads_to = {"PATCH /things/{id}": {"id": "$request.path.id"}, "GET /things/{id}": {"id": ID}}
        api.post("/led/{id}", status_code=202, leads_to=leads_to, **DECLARED)(self.lead)
        api.get("/links", **DECLARED)(lambda: {"url": f"https://s3/k?X-Amz-Date=1&X-Amz-Signature={self.signature}"})
        api.get("/broken", **DECLARED)(self.broken)
        api.get("/plain", **DECLARED)(self.plain)

    def change_surface(self, **changes: Any) -> None:
        self.api.surface = replace(self.api.surface, **changes)

    def make(self, body: Order, caller: Caller) -> Made:
        self.before_work()
        thing = caller.ids.new("thing")
        self.made.append(thing)
        self.after_work()
        return Made(id=thing, name=body.name)

    def keep(self, body: Order, caller: Caller) -> Made:
        """Its work is the transaction alone; "nothing" has none."""
        self.before_work()
        try:
            if body.name != "nothing" and caller.key_writes:
                tables.commit(*caller.key_writes)
            self.made.append(body.name)
        except Repeated:
            return Made(id="as it is", name=body.name)
        return Made(id="made", name=body.name)

    def change(self, id: str, body: Change, caller: Caller) -> Made:  # noqa: A002 - as a contract would name it
        return Made(id=id, name=body.name or "unchanged")

    def echo(self, id: str, body: Change, caller: Caller) -> dict[str, Any]:  # noqa: A002
        return body.model_dump(exclude_unset=True)

    def find(self, id: str, caller: Caller) -> Made:  # noqa: A002
        return Made(id=id, name="found")

    def lead(self, id: str, caller: Caller) -> Made:  # noqa: A002
        return Made(id=f"{id}-made", name="led")

    def take(self, body: Annotated[Picture, Body(media_type="multipart/form-data")], caller: Caller) -> Taken:
        self.made.append(caller.ids.new("pic"))
        size = len(body.image) if isinstance(body.image, str) else len(body.image.content)
        others = [len(other.content) for other in body.others]
        return Taken(bytes_=size, others=others, style=body.style, id=self.made[-1])

    def greet(self, body: Order) -> Made:
        return Made(id="open", name=body.name)

    def broken(self) -> Made:
        return {"id": 1}  # type: ignore[return-value]

    def plain(self) -> Response[str]:
        return Response(status_code=200, body="ok", content_type="text/plain")

    def send(self, method: str = "POST", path: str = "/things", **kwargs: Any) -> Reply:
        kwargs.setdefault("token", "token-a")
        if method == "POST":
            kwargs.setdefault("body", {"name": "n"})
        return send(self.api.handler, method, path, **kwargs)

    def once(self, key: str = "k", **kwargs: Any) -> Reply:
        return self.send(headers={"Idempotency-Key": key}, **kwargs)
