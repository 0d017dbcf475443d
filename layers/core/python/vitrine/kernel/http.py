"""An API Lambda: routes are parsed and answered by powertools, everything that all routes share is here.

Around each request, outermost first: one log line with its outcome, errors in the surface's shape, the gate, the body's
size and type, authentication, rate limits, idempotency. Authentication comes before parsing, so that a stranger learns
nothing from a 422. The order and the shapes are tested, since powertools alone would validate first and blame clients
for our own invalid answers.
"""

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
    ResponseValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel import forms, problems, tables
from vitrine.kernel import metrics as names
from vitrine.kernel.call import Call
from vitrine.kernel.clock import utc_now
from vitrine.kernel.errors import (
    AppError,
    BadRequest,
    FieldError,
    Invalid,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from vitrine.kernel.idempotency import Answer, Claim, Idempotency, fingerprint
from vitrine.kernel.ids import Ids
from vitrine.kernel.limits import Limit, RateLimiter
from vitrine.kernel.observability import count, crash_fields, logger
from vitrine.kernel.principal import Principal

MAX_JSON_BODY = 1_000_000
MAX_FORM_BODY = 4_500_000
"""Lambda takes events of 6 MB (6,291,456 bytes), in which a form is base64: this leaves 290 KB for everything else."""
_KEY = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")
OTHER_METHODS = "ANY "
"""How the gateway's key begins of a route for the methods that a path has no route for."""
_IDEMPOTENT_METHODS = {"POST", "PATCH"}
_WITHOUT_CONTENT = {204, 304}
_KEPT_HEADERS = {"content-type", "location"}

Json = dict[str, Any]


class Renderer(Protocol):
    def __call__(self, error: AppError, request_id: str) -> Json: ...


class Authenticate(Protocol):
    """Gives who calls, or raises `Unauthenticated`. Takes the bearer token, never the whole request."""

    def __call__(self, token: str, now: datetime) -> Principal: ...


@dataclass
class _Request:
    """One request on its way through."""

    event: Json
    now: datetime
    request_id: str
    principal: Principal | None = None
    form: forms.Form | None = None
    ids: Ids = field(init=False)
    outcome: str = "success"
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = Ids.random(self.now)

    @property
    def route(self) -> str:
        return str(self.event.get("routeKey", "$default"))

    @property
    def method(self) -> str:
        return str(self.event["requestContext"]["http"]["method"]).upper()

    @property
    def is_change(self) -> bool:
        return self.method in _IDEMPOTENT_METHODS

    @property
    def said(self) -> str:
        """What the body says, in a spelling that a repeated request has too."""
        return self.event.get("body") or "" if self.form is None else forms.canonical(self.form)

    def header(self, name: str) -> str | None:
        return _headers(self.event).get(name)


_current: ContextVar[_Request] = ContextVar("request")


def _call() -> Call:
    request = _current.get()
    if request.principal is None:
        raise Unauthenticated("Send a bearer token.")
    return Call(request.principal, request.now, request.ids, request.request_id)


Caller = Annotated[Call, Depends(_call)]
"""A route parameter of this type receives who calls, when, and where new ids come from."""


def _now() -> datetime:
    return _current.get().now


Now = Annotated[datetime, Depends(_now)]
"""For a public route, which has no `Caller`: when the request came."""


@dataclass(frozen=True)
class Guard:
    """What stands before the routes: who may pass, how often, and what is remembered."""

    authenticate: Authenticate
    idempotency: Idempotency
    limiter: RateLimiter
    limits: tuple[Limit, ...] = ()
    """Of all requests of a tenant; each costs a round trip."""
    public: frozenset[str] = frozenset()
    """Route keys that anyone may call. They take no `Caller`, and know no Idempotency-Key: keys belong to a tenant."""
    repeatable: frozenset[str] = frozenset()
    """Route keys whose answer must not be kept, since it holds what expires: a repeat runs again with the same ids."""
    token_parameter: str | None = None
    """The query parameter that may carry the token where a header cannot be set (RFC 6750 section 2.3)."""


class Api:
    """The routes of one Lambda. `guard` None makes them public.

    `form_routes` names the route keys that take a multipart form besides JSON: its fields reach the route as those of
    a JSON body would, files as `UploadFile`. `presign` is the route that whoever sends too much is told of. `gate` is
    asked first, with route key and time, and raises to turn away.
    """

    def __init__(
        self,
        surface: str,
        *,
        guard: Guard | None,
        render: Renderer = problems.render,
        error_type: str = problems.CONTENT_TYPE,
        max_body: int = MAX_JSON_BODY,
        form_routes: frozenset[str] = frozenset(),
        max_form: int = MAX_FORM_BODY,
        presign: str | None = None,
        gate: Callable[[str, datetime], None] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.surface = surface
        self.routes = APIGatewayHttpResolver(
            enable_validation=True,
            response_validation_error_http_code=500,
            serializer=_serialize,
            json_body_deserializer=_json,
        )
        self._guard = guard
        self._render = render
        self._error_type = error_type
        self._max_body = max_body
        self._form_routes = form_routes
        self._max_form = max_form
        self._presign = presign
        self._gate = gate
        self._clock = clock
        self._register_error_handlers()

    def handler(self, event: Json, context: LambdaContext) -> Json:
        """The Lambda entry point."""
        request = _Request(event, self._clock(), event["requestContext"].get("requestId", "-"))
        started, trips = time.perf_counter(), tables.round_trips()
        token = _current.set(request)
        try:
            answer = self._answer(request, context)
        finally:
            _current.reset(token)
        answer["headers"] = {
            **self._private(),
            **answer.get("headers", {}),
            **request.headers,
            "X-Request-Id": request.request_id,
        }
        self._log(request, answer, time.perf_counter() - started, tables.round_trips() - trips)
        return answer

    def _private(self) -> dict[str, str]:
        """Answers behind a guard hold tokens, keys and links; RFC 6749 section 5.1 demands this of tokens."""
        return {} if self._guard is None else {"Cache-Control": "no-store"}

    def _answer(self, request: _Request, context: LambdaContext) -> Json:
        try:
            if request.route.startswith(OTHER_METHODS):
                return self._refuse_method(request)
            if self._gate is not None:
                self._gate(request.route, request.now)
            self._receive(request)
            return self._once(request, lambda: self._resolve(request.event, context))
        except AppError as error:
            return self._error(error)
        except Exception as error:
            return self._error(_crashed(error))

    def _refuse_method(self, request: _Request) -> Json:
        """Told apart from an unknown path, with the methods that there are; a browser's preflight passes."""
        path = request.route.removeprefix(OTHER_METHODS)
        # Powertools lists its routes nowhere in public.
        routes = (*self.routes._static_routes, *self.routes._dynamic_routes)
        allowed = sorted({str(route.method) for route in routes if route.openapi_path == path})
        error = MethodNotAllowed("This path does not know the method.", allowed=allowed)
        if request.method == "OPTIONS":
            return {"statusCode": 204, "headers": error.headers, "body": "", "isBase64Encoded": False}
        raise error

    def _resolve(self, event: Json, context: LambdaContext) -> Json:
        answer: Json = self.routes.resolve(event, context)
        multi = answer.pop("multiValueHeaders", {})
        answer["headers"] = {**answer.get("headers", {}), **{key: values[0] for key, values in multi.items()}}
        return _without_content(answer) if answer["statusCode"] in _WITHOUT_CONTENT else answer

    def _receive(self, request: _Request) -> None:
        """Take the body, and find out who sent it in between: a form is read only for those who may come in."""
        is_form = self._is_form(request)
        self._check_size(request, is_form)
        if not is_form:
            request.event = _readable(request.event, self._accepted(request))
        if self._guard is not None and request.route not in self._guard.public:
            self._admit(request, self._guard)
        if is_form:
            _read_form(request)

    def _is_form(self, request: _Request) -> bool:
        return request.route in self._form_routes and _media_type(request.event) == forms.MEDIA_TYPE

    def _accepted(self, request: _Request) -> str:
        return f"application/json or {forms.MEDIA_TYPE}" if request.route in self._form_routes else "application/json"

    def _check_size(self, request: _Request, is_form: bool) -> None:
        body = request.event.get("body") or ""
        size = len(body) * 3 // 4 if request.event.get("isBase64Encoded") else len(body.encode())
        most, code = (self._max_form, "form_too_large") if is_form else (self._max_body, None)
        if size > most:
            by = f" ({self._presign})" if self._presign else ""
            raise TooLarge(f"A body may have at most {most:,} bytes here; files go by presigned upload{by}.", code=code)

    def _admit(self, request: _Request, guard: Guard) -> None:
        request.principal = guard.authenticate(bearer_token(request.event, guard.token_parameter), request.now)
        for limit in guard.limits:
            standing = guard.limiter.take(f"{self.surface}#{request.principal.tenant}", limit, request.now)
            request.headers.update(standing.headers)

    def _once(self, request: _Request, resolve: Callable[[], Json]) -> Json:
        key = request.header("idempotency-key")
        if self._guard is None or key is None or request.principal is None or not request.is_change:
            return resolve()
        repeats = request.route in self._guard.repeatable
        claim = self._claim(request, self._guard.idempotency, key, shared=repeats)
        if isinstance(claim, Answer):
            request.headers["Idempotent-Replayed"] = "true"
            request.outcome = "replayed"
            return {"statusCode": claim.status, "body": claim.body, "headers": claim.headers, "isBase64Encoded": False}
        request.ids = claim.ids()
        return _settle(self._guard.idempotency, claim, resolve, keep=not repeats)

    def _claim(self, request: _Request, idempotency: Idempotency, key: str, *, shared: bool) -> Claim | Answer:
        if not _KEY.fullmatch(key):
            raise BadRequest("Idempotency-Key takes 1 to 255 printable ASCII characters.")
        assert request.principal is not None
        print_ = fingerprint(request.method, request.event["rawPath"], request.said)
        scope = f"{self.surface}#{request.principal.tenant}"
        seed = Ids.random(request.now).new("seed")
        return idempotency.claim(scope, key, print_, request.now, seed, shared=shared)

    def _register_error_handlers(self) -> None:
        translations: dict[type[Exception], Callable[[Any], AppError]] = {
            AppError: lambda error: cast(AppError, error),
            RequestValidationError: _invalid,
            RequestUnsupportedContentType: lambda _: UnsupportedMediaType("Send application/json."),
            NotFoundError: lambda _: NotFound("There is no such route."),
            # Powertools answers 422 to these by default and blames the client for our own invalid answer.
            ResponseValidationError: _crashed,
            Exception: _crashed,
        }
        for raised, translate in translations.items():
            self.routes.exception_handler(raised)(self._responder(translate))

    def _responder(self, translate: Callable[[Any], AppError]) -> Callable[[Exception], Response[Any]]:
        return lambda error: self._response(translate(error))

    def _response(self, error: AppError) -> Response[Any]:
        answer = self._error(error)
        return Response(
            status_code=answer["statusCode"],
            content_type=self._error_type,
            headers={key: value for key, value in answer["headers"].items() if key != "Content-Type"},
            body=answer["body"],
        )

    def _error(self, error: AppError) -> Json:
        request = _current.get()
        request.outcome = error.code
        return {
            "statusCode": error.status,
            "headers": {"Content-Type": self._error_type, **error.headers},
            "body": json.dumps(self._render(error, request.request_id)),
            "isBase64Encoded": False,
        }

    def _log(self, request: _Request, answer: Json, seconds: float, trips: int) -> None:
        logger.info(
            "request",
            surface=self.surface,
            route=request.route,
            status=answer["statusCode"],
            outcome=request.outcome,
            duration_ms=round(seconds * 1000, 1),
            dynamodb_round_trips=trips,
            request_id=request.request_id,
            tenant=request.principal.tenant if request.principal else None,
        )
        count(names.REQUESTS, {names.SURFACE: self.surface, names.OUTCOME: request.outcome})


def bearer_token(event: Mapping[str, Any], parameter: str | None = None) -> str:
    """The token of the Authorization header, else of the query `parameter`. Raises `Unauthenticated`."""
    scheme, _, token = _headers(event).get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return str(token.strip())
    in_query = (event.get("queryStringParameters") or {}).get(parameter or "", "")
    if not in_query:
        raise Unauthenticated("Send a bearer token.")
    return str(in_query)


def _settle(idempotency: Idempotency, claim: Claim, resolve: Callable[[], Json], *, keep: bool) -> Json:
    """Run the request under its claim: keep a success, free the key of a refusal, release that of a failure."""
    try:
        answer = resolve()
    except BaseException:
        idempotency.release(claim)
        raise
    if answer["statusCode"] >= 500 or (answer["statusCode"] < 400 and not keep):
        idempotency.release(claim)
    elif answer["statusCode"] >= 400:
        idempotency.forget(claim)
    else:
        kept = {key: value for key, value in answer["headers"].items() if key.lower() in _KEPT_HEADERS}
        idempotency.complete(claim, Answer(answer["statusCode"], answer["body"], kept))
    return answer


def _invalid(error: RequestValidationError) -> AppError:
    """Each failed field by where it is and what was wrong, without the value that was sent."""
    found = error.errors()
    fields = tuple(FieldError(".".join(map(str, part["loc"])), part["type"], part["msg"]) for part in found)
    return Invalid("; ".join(f"{field.where}: {field.message}" for field in fields), fields=fields)


def _crashed(error: Exception) -> AppError:
    logger.error("request crashed", **crash_fields(error))
    return AppError("Something went wrong on our side. The request id helps us to find out what.")


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    """By lower-case name, however the client spelt them."""
    return {key.lower(): value for key, value in event.get("headers", {}).items()}


def _readable(event: Json, accepted: str) -> Json:
    """The event with its body as text and its content type in the one spelling that powertools knows.

    Raises `UnsupportedMediaType` for a body of another type than JSON, and `BadRequest` for one that is not text.
    """
    if not event.get("body"):
        return event
    if _media_type(event) != "application/json":
        raise UnsupportedMediaType(f"Send {accepted}.")
    try:
        return _as_json(event, _bytes(event).decode())
    except ValueError:
        raise BadRequest("The body is not text.") from None


def _read_form(request: _Request) -> None:
    """The event's body goes to the request's form. Raises `BadRequest` for a body that is no form."""
    try:
        body = _bytes(request.event)
    except ValueError:
        raise BadRequest("The body is not base64.") from None
    request.form = forms.parse(body, _headers(request.event)["content-type"])
    request.event = _as_json(request.event, "{}")


def _as_json(event: Json, body: str) -> Json:
    headers = {**_headers(event), "content-type": "application/json"}
    return {**event, "body": body, "isBase64Encoded": False, "headers": headers}


def _media_type(event: Mapping[str, Any]) -> str:
    return _headers(event).get("content-type", "application/json").partition(";")[0].strip().lower()


def _json(body: str) -> Any:
    """What powertools takes for the body: a form that was read already, or else JSON.

    Powertools takes only JSONDecodeError for the client's mistake; a number of 5,000 digits raises another.
    """
    form = _current.get().form
    if form is not None:
        return form
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.") from None


def _without_content(answer: Json) -> Json:
    headers = {key: value for key, value in answer["headers"].items() if key.lower() != "content-type"}
    return {**answer, "headers": headers, "body": ""}


def _serialize(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def _bytes(event: Mapping[str, Any]) -> bytes:
    """The raw body, whichever way the gateway encoded it. Raises ValueError."""
    body = event.get("body") or ""
    return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else str(body).encode()
