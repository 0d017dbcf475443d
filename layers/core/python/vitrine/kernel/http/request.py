"""One request on its way through the kernel, and what handlers may ask of it."""

import os
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import Depends
from pydantic import BaseModel

from vitrine.kernel import forms
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Unauthenticated
from vitrine.kernel.http.policy import CLOSED, Policy
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal
from vitrine.kernel.surface import Json
from vitrine.kernel.tables import Write


@dataclass
class Request:
    """`path` is the template that the gateway matched, such as `/api/v1/images/{id}`; `body` is the model that the
    route takes its body as."""

    event: Json
    now: datetime
    request_id: str
    path: str
    policy: Policy = CLOSED
    principal: Principal | None = None
    form: forms.Form | None = None
    body: type[BaseModel] | None = None
    ids: Ids = field(init=False)
    outcome: str = "success"
    is_head: bool = field(init=False)
    headers: dict[str, str] = field(default_factory=dict)
    paused_s: float = 0.0
    key_writes: tuple[Write, ...] = ()

    def __post_init__(self) -> None:
        self.ids = Ids.random(self.now)
        self.is_head = self.method == "HEAD"

    @property
    def method(self) -> str:
        return str(self.event["requestContext"]["http"]["method"]).upper()

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def path_parameters(self) -> dict[str, str]:
        """By the template; an address may have more in front, such as a stage's name."""
        pairs = zip(reversed(self.path.split("/")), reversed(str(self.event["rawPath"]).split("/")), strict=False)
        return {name.strip("{}"): value for name, value in pairs if name.startswith("{")}

    def read_as_get(self) -> None:
        """HEAD is GET whose answer has no body (RFC 9110 section 9.3.2)."""
        context = self.event["requestContext"]
        http = {**context["http"], "method": "GET"}
        self.event = {**self.event, "requestContext": {**context, "http": http}}

    @property
    def text(self) -> str:
        """The body in a spelling that a repeated request has too."""
        return self.event.get("body") or "" if self.form is None else forms.canonical(self.form)

    @property
    def address(self) -> str:
        """Where the request came from, as the gateway saw it."""
        return str(self.event["requestContext"]["http"].get("sourceIp", ""))

    def header(self, name: str) -> str | None:
        return headers_of(self.event).get(name)


current: ContextVar[Request] = ContextVar("request")


def pause(seconds: float) -> None:
    """Sleep because the client asked to wait; such time is not counted as ours."""
    if request := current.get(None):
        request.paused_s += seconds
    time.sleep(seconds)


def path_of(event: Mapping[str, Any]) -> str:
    """The template of the gateway's key, which is `ANY /path/{id}`, or `$default` for a path that it does not know."""
    key = str(event.get("routeKey", "$default"))
    return key.partition(" ")[2] or key


def base_url(event: Mapping[str, Any]) -> str:
    """Where this API is reached. An emulator serves it under a path of its own endpoint."""
    context = event["requestContext"]
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        return f"{endpoint.rstrip('/')}/_aws/execute-api/{context['apiId']}/{context['stage']}"
    return f"https://{context['domainName']}"


def base_path(event: Mapping[str, Any]) -> str:
    return urlsplit(base_url(event)).path


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """By lower-case name, however the client spelt them."""
    return {key.lower(): value for key, value in event.get("headers", {}).items()}


def _call() -> Call:
    request = current.get()
    if request.principal is None:
        raise Unauthenticated("Send a bearer token.", was_sent=False)
    return Call(request.principal, request.now, request.ids, request.request_id, request.key_writes)


Caller = Annotated[Call, Depends(_call)]
"""A route parameter of this type receives who calls, when, and where new ids come from."""


def _base_url() -> str:
    return base_url(current.get().event)


def address_of(path: str) -> str:
    """Where a path of this API is reached, for answers that others keep."""
    return _base_url() + path


def _asked_method() -> str:
    request = current.get()
    return "HEAD" if request.is_head else request.method


Method = Annotated[str, Depends(_asked_method)]
"""A route parameter of this type receives the method: HEAD too, which a GET route answers."""
BaseUrl = Annotated[str, Depends(_base_url)]
"""A route parameter of this type receives where this API is reached."""


def _now() -> datetime:
    return current.get().now


Now = Annotated[datetime, Depends(_now)]
"""For a public route, which has no `Caller`: when the request came."""


def _new_ids() -> Ids:
    return current.get().ids


NewIds = Annotated[Ids, Depends(_new_ids)]
"""For a public route: where new ids come from."""


def _bearer() -> str | None:
    scheme, _, token = (current.get().header("authorization") or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


Bearer = Annotated[str | None, Depends(_bearer)]
"""For a public route that serves who has a token otherwise: that token, of which nothing is known yet."""
