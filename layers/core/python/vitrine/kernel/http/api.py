"""An API Lambda: routes are parsed and answered by powertools, everything that all routes share is here.

Around each request, outermost first: one log line with its outcome, errors in the surface's shape, methods that the
path does not know, the maintenance check, the body's size and type, authentication and rate limits, idempotency, the
route's own limit. Authentication comes before parsing, so that a stranger learns nothing from a 422. The order and the
shapes are tested, since powertools alone would validate first and blame clients for our own invalid answers.
"""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, Unpack

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel import metrics as names
from vitrine.kernel import operations, schema, tables
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Deployment
from vitrine.kernel.errors import AppError, MethodNotAllowed, NotFound
from vitrine.kernel.http import answers, bodies, nulls
from vitrine.kernel.http.callers import Guard, count_stranger
from vitrine.kernel.http.failures import TRANSLATIONS, crashed
from vitrine.kernel.http.once import once
from vitrine.kernel.http.policy import OF_POLICY, Declared, Policy, check_form, policy_of
from vitrine.kernel.http.request import Request, current, path_of
from vitrine.kernel.limits import RateLimiter
from vitrine.kernel.observability import count, logger
from vitrine.kernel.surface import Json, Surface

UNKNOWN_PATH = "$default"

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Api:
    """The routes of one Lambda of a surface.

    Routes are declared by `get`, `post`, `put`, `patch` and `delete`, with their policy and with paths as OpenAPI
    writes them (`/things/{id}`). The first one that is not public loads the surface's authenticator.
    Raises `ConfigurationMissingError` at cold start when a variable is absent.
    """

    def __init__(self, surface: Surface, *, clock: Callable[[], datetime] = utc_now) -> None:
        Deployment.load()
        self.surface = surface
        self.policies: dict[str, Policy] = {}
        self.routes = APIGatewayHttpResolver(
            enable_validation=True,
            response_validation_error_http_code=500,
            serializer=bodies.serialize,
            json_body_deserializer=bodies.parse,
        )
        self._bodies: dict[str, nulls.Model | None] = {}
        self._clock = clock
        self._guard: Guard | None = None
        self._limiter: RateLimiter | None = None
        self._check_maintenance = operations.maintenance_check()
        for raised, translate in TRANSLATIONS.items():
            self.routes.exception_handler(raised)(self._responder(translate))

    def get(self, path: str, **declared: Unpack[Declared]) -> Callable[[Handler], Handler]:
        return self._route("GET", path, declared)

    def post(self, path: str, **declared: Unpack[Declared]) -> Callable[[Handler], Handler]:
        return self._route("POST", path, declared)

    def put(self, path: str, **declared: Unpack[Declared]) -> Callable[[Handler], Handler]:
        return self._route("PUT", path, declared)

    def patch(self, path: str, **declared: Unpack[Declared]) -> Callable[[Handler], Handler]:
        return self._route("PATCH", path, declared)

    def delete(self, path: str, **declared: Unpack[Declared]) -> Callable[[Handler], Handler]:
        return self._route("DELETE", path, declared)

    def handler(self, event: Json, context: LambdaContext) -> Json:
        """The Lambda entry point."""
        request_id = self.surface.errors.request_id(event["requestContext"].get("requestId", "-"))
        request = Request(event, self._clock(), request_id, path_of(event))
        started, trips = time.perf_counter(), tables.round_trips()
        token = current.set(request)
        # Every line of the request carries its id, whoever writes it.
        with logger.append_context_keys(request_id=request.request_id):
            try:
                answer = self._answer(request, context)
            finally:
                current.reset(token)
        answer["headers"] = {
            **self._private(),
            **answer.get("headers", {}),
            **request.headers,
            "X-Request-Id": request.request_id,
        }
        self._log(request, answer, time.perf_counter() - started, tables.round_trips() - trips)
        return answers.without_body(answer) if request.is_head else answer

    def _route(self, method: str, path: str, declared: Declared) -> Callable[[Handler], Handler]:
        policy = self.policies[f"{method} {path}"] = policy_of(method, declared)
        if not policy.is_public:
            self._guard = self._guard or self._load_guard()
        elif policy.rate:
            self._limiter = self._limiter or RateLimiter(schema.GUARD.deployed_name())
        shown: dict[str, Any] = {name: value for name, value in declared.items() if name not in OF_POLICY}
        rule = path.replace("{", "<").replace("}", ">")

        def declare(handler: Handler) -> Handler:
            if policy.form:
                check_form(handler)
            self._bodies[f"{method} {path}"] = nulls.body_of(handler)
            # Clients that are generated from the document name their methods so.
            return self.routes.route(rule, method, operation_id=handler.__name__, **shown)(handler)

        return declare

    def _load_guard(self) -> Guard:
        if self.surface.callers is None:
            raise ValueError(f"Nobody signs in to {self.surface.name}: its routes are public.")
        return Guard(self.surface.name, self.surface.callers)

    def _private(self) -> dict[str, str]:
        """Answers behind a guard hold tokens, keys and links; RFC 6749 section 5.1 demands this of tokens."""
        return {} if self._guard is None else {"Cache-Control": "no-store"}

    def _answer(self, request: Request, context: LambdaContext) -> Json:
        try:
            if request.path == UNKNOWN_PATH:
                raise NotFound("There is no such path.")
            if request.is_head and f"GET {request.path}" in self.policies:
                request.read_as_get()
            if request.route in self.policies:
                request.policy, request.body = self.policies[request.route], self._bodies[request.route]
            else:
                return self._refuse_method(request)
            if request.policy.brings_work:
                self._check_maintenance(request.now)
            self._receive(request)
            return answers.complete(request, once(request, self._guard, lambda: self._work(request, context)))
        except AppError as error:
            return self._error(error)
        except Exception as error:
            return self._error(crashed(error))

    def _refuse_method(self, request: Request) -> Json:
        """405 with the methods that there are, since the path is known; a browser's preflight passes."""
        known = (route.partition(" ") for route in self.policies)
        allowed = {method for method, _, path in known if path == request.path}
        allowed |= {"HEAD"} if "GET" in allowed else set()
        error = MethodNotAllowed("This path does not know the method.", allowed=sorted(allowed))
        if request.method == "OPTIONS":
            return {"statusCode": 204, "headers": error.headers, "body": "", "isBase64Encoded": False}
        raise error

    def _receive(self, request: Request) -> None:
        """Take the body, and find out who sent it in between: a form is read only for those who may come in."""
        is_form = bodies.is_form(request)
        bodies.check_size(request, self.surface)
        if not is_form:
            bodies.read_text(request)
        if self._guard is not None and not request.policy.is_public:
            self._guard.admit(request)
        if self._limiter is not None:
            count_stranger(self._limiter, self.surface.name, request)
        if is_form:
            bodies.read_form(request)

    def _work(self, request: Request, context: LambdaContext) -> Json:
        """What a repeat under an Idempotency-Key is spared: its route's own limit, and the route."""
        try:
            if self._guard is not None:
                self._guard.count(request)
        except AppError as error:
            return self._error(error)
        return self._resolve(request.event, context)

    def _resolve(self, event: Json, context: LambdaContext) -> Json:
        answer: Json = self.routes.resolve(event, context)
        multi = answer.pop("multiValueHeaders", {})
        answer["headers"] = {**answer.get("headers", {}), **{key: values[0] for key, values in multi.items()}}
        return answer

    def _responder(self, translate: Callable[[Any], AppError]) -> Callable[[Exception], Response[Any]]:
        return lambda error: self._response(translate(error))

    def _response(self, error: AppError) -> Response[Any]:
        answer = self._error(error)
        return Response(
            status_code=answer["statusCode"],
            content_type=self.surface.errors.content_type,
            headers={key: value for key, value in answer["headers"].items() if key != "Content-Type"},
            body=answer["body"],
        )

    def _error(self, error: AppError) -> Json:
        request = current.get()
        request.outcome = error.code
        return {
            "statusCode": self.surface.errors.status(error.status),
            "headers": {"Content-Type": self.surface.errors.content_type, **error.headers},
            "body": json.dumps(self.surface.errors.render(error, request.request_id)),
            "isBase64Encoded": False,
        }

    def _log(self, request: Request, answer: Json, seconds: float, trips: int) -> None:
        logger.info(
            "request",
            surface=self.surface.name,
            route=request.route,
            status=answer["statusCode"],
            outcome=request.outcome,
            duration_ms=round(seconds * 1000, 1),
            dynamodb_round_trips=trips,
            request_id=request.request_id,
            tenant=request.principal.tenant if request.principal else None,
            # The id of what was made, by which its job's lines are found. A redirect's would be a signed link.
            made=answer["headers"].get("Location") if answer["statusCode"] in (201, 202) else None,
        )
        # The route is metadata: as a dimension each of its values would be a metric of its own, at $0.30 a month.
        dimensions = {names.SURFACE: self.surface.name, names.OUTCOME: request.outcome}
        count(names.REQUESTS, dimensions, metadata={names.ROUTE: request.route})
        # Without what a client asked us to wait for: held answers would hide that all others became slow.
        busy_ms = max(seconds - request.paused_s, 0) * 1000
        count(names.LATENCY, {names.SURFACE: self.surface.name}, busy_ms, MetricUnit.Milliseconds)
