"""One request on its way through the kernel, and what handlers may ask of it."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends

from vitrine.kernel import forms
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Unauthenticated
from vitrine.kernel.http.policy import CLOSED, Policy
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal
from vitrine.kernel.surface import Json


@dataclass
class Request:
    """`path` is the template that the gateway matched, such as `/api/v1/images/{id}`."""

    event: Json
    now: datetime
    request_id: str
    path: str
    policy: Policy = CLOSED
    principal: Principal | None = None
    form: forms.Form | None = None
    ids: Ids = field(init=False)
    outcome: str = "success"
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = Ids.random(self.now)

    @property
    def method(self) -> str:
        return str(self.event["requestContext"]["http"]["method"]).upper()

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def text(self) -> str:
        """The body in a spelling that a repeated request has too."""
        return self.event.get("body") or "" if self.form is None else forms.canonical(self.form)

    def header(self, name: str) -> str | None:
        return headers_of(self.event).get(name)


current: ContextVar[Request] = ContextVar("request")


def path_of(event: Mapping[str, Any]) -> str:
    """The template of the gateway's key, which is `ANY /path/{id}`, or `$default` for a path that it does not know."""
    key = str(event.get("routeKey", "$default"))
    return key.partition(" ")[2] or key


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """By lower-case name, however the client spelt them."""
    return {key.lower(): value for key, value in event.get("headers", {}).items()}


def _call() -> Call:
    request = current.get()
    if request.principal is None:
        raise Unauthenticated("Send a bearer token.")
    return Call(request.principal, request.now, request.ids, request.request_id)


Caller = Annotated[Call, Depends(_call)]
"""A route parameter of this type receives who calls, when, and where new ids come from."""


def _now() -> datetime:
    return current.get().now


Now = Annotated[datetime, Depends(_now)]
"""For a public route, which has no `Caller`: when the request came."""
