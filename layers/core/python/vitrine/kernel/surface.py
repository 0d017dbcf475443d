"""A public API as a value: who calls it, how it answers errors, and the functions that it is made of.

Pure: infra, the generators and the tests read the same values as the functions do at run time, so nothing here imports
boto3, powertools or PyJWT. `functions/surfaces.py` lists the surfaces.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from vitrine.kernel.environment import Environment
from vitrine.kernel.errors import AppError
from vitrine.kernel.principal import Principal
from vitrine.kernel.schema import TableSchema

Json = dict[str, Any]

MAX_JSON_BODY = 1_000_000
MAX_FORM_BODY = 4_500_000
"""Lambda takes events of 6 MB (6,291,456 bytes), in which a form is base64: this leaves 290 KB for everything else."""
QUICK_MB = 1024
"""CPU comes with memory; at 1 GB a cold start takes half as long as at 512 MB, and a warm call still costs nothing."""


class Per(StrEnum):
    """Whose requests are counted together. An `ADDRESS` is an IPv4 address, or a network of IPv6 (/64)."""

    TENANT = "tenant"
    ACTOR = "actor"
    TOKEN = "token"  # noqa: S105 - a word
    ADDRESS = "address"


@dataclass(frozen=True)
class Limit:
    """At most `amount` of `what` in each window of `seconds`, counted from the epoch."""

    name: str
    amount: int
    seconds: int
    per: Per = Per.TENANT
    what: str = "requests"


ERRORS: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "A valid credential is needed",
    404: "Not found, or somebody else's",
    409: "Not possible in the present state; the first request under this `Idempotency-Key` may still be running",
    413: "Too large",
    429: "Too many requests; `Retry-After` says when to come back",
    503: "Not available right now; `Retry-After` says when to come back",
}
"""What a status means on every surface that says nothing else."""


class Renderer(Protocol):
    def __call__(self, error: AppError, request_id: str) -> Json: ...


class Authenticate(Protocol):
    """Gives who calls, or raises `Unauthenticated`. Takes the bearer token, never the whole request."""

    def __call__(self, token: str, now: datetime) -> Principal: ...


@dataclass(frozen=True)
class Admitted:
    """Who was let in, and what the answer's headers say of their limit."""

    principal: Principal
    headers: Mapping[str, str]


class Gate(Protocol):
    """Finds out who calls and counts the call, in one round trip. Raises `Unauthenticated` and `TooManyRequests`."""

    def __call__(self, token: str, limit: Limit, now: datetime) -> Admitted: ...


@dataclass(frozen=True)
class ErrorShape:
    """How errors look: as answers, and in the document. `descriptions` says by status what may be wrong.

    `statuses` are those that this surface answers in the place of ours. `request_id` makes what its answers call a
    request of the gateway's own id.
    """

    render: Renderer
    content_type: str
    schema: Json
    descriptions: Mapping[int, str]
    statuses: Mapping[int, int] = field(default_factory=dict)
    request_id: Callable[[str], str] = str

    def status(self, ours: int) -> int:
        return self.statuses.get(ours, ours)


class Bucket(StrEnum):
    UPLOADS = "uploads"
    MEDIA = "media"


@dataclass(frozen=True)
class Prefix:
    """The objects of a bucket whose keys begin so."""

    bucket: Bucket
    start: str


UPLOADS = Prefix(Bucket.UPLOADS, "uploads/")
ORIGINALS = Prefix(Bucket.MEDIA, "originals/")
PUBLISHED = Prefix(Bucket.MEDIA, "published/")
INFERENCE = Prefix(Bucket.MEDIA, "inference/")


class Secret(StrEnum):
    CURSOR_KEY = "cursor_key"
    STRIPE = "stripe_secret"
    STRIPE_KEY = "stripe_key"
    KEY_PEPPER = "key_pepper"
    TOKEN_SECRET = "token_secret"  # noqa: S105 - a secret's name
    SIGNING = "signing_secret"


class StateMachine(StrEnum):
    WEBHOOK = "webhook"


class Callee(StrEnum):
    """Functions behind the APIs that one of theirs may call and wait for: modules of `functions/pipeline`."""

    MAKE_FRAME = "make_frame"


@dataclass(frozen=True)
class Access:
    """What a function may touch; its policy allows this and nothing else. Who writes a table may read and delete too.

    `lists` is for telling an object that is not there (404) from one that may not be seen.
    """

    reads: tuple[TableSchema, ...] = ()
    writes: tuple[TableSchema, ...] = ()
    gets: tuple[Prefix, ...] = ()
    puts: tuple[Prefix, ...] = ()
    deletes: tuple[Prefix, ...] = ()
    lists: tuple[Bucket, ...] = ()
    secrets: tuple[Secret, ...] = ()
    starts: tuple[StateMachine, ...] = ()
    calls: tuple[Callee, ...] = ()

    def __or__(self, other: "Access") -> "Access":
        joined = {name: (*mine, *vars(other)[name]) for name, mine in vars(self).items()}
        return Access(**{name: tuple(dict.fromkeys(values)) for name, values in joined.items()})


@dataclass(frozen=True)
class Function:
    """One Lambda of a surface: the module `name` in its package, which holds an `api` and its `handler`.

    `environment` is what it gets besides its deployment, the tables' and the buckets' names, its secrets, its state
    machines and the functions that it calls. One that `holds` keeps requests open for many seconds, as event streams
    or until an answer is there: how many at once is bounded by the settings, so that it cannot take the executions of
    all others.
    """

    name: str
    about: str
    access: Access = Access()
    environment: tuple[type[Environment], ...] = ()
    memory_mb: int = QUICK_MB
    timeout_s: int = 10
    holds: Literal["streams", "answers"] | None = None


@dataclass(frozen=True)
class Callers:
    """Whoever signs in. `load` gives the authenticator; it is called only in functions that have a route for them,
    since the libraries behind it cost 70 ms of cold start. Or `load_gate` gives what also counts the calls; then each
    call has exactly one limit.

    `access` and `environment` go to every such function. `bearer` describes the token in the document, and
    `credential` says which one a local user is given. Where `many` act for one tenant, each of them has
    Idempotency-Keys of their own: nobody is answered with what another was told.
    """

    bearer: Json
    credential: Literal["access token", "api key", "user token"]
    load: Callable[[], Authenticate] | None = None
    load_gate: Callable[[], Gate] | None = None
    access: Access = Access()
    environment: tuple[type[Environment], ...] = ()
    limits: tuple[Limit, ...] = ()
    """Of all requests but those of routes with a `rate` of their own; each costs a round trip."""
    many: bool = False


@dataclass(frozen=True)
class Webhooks:
    """`events` gives the types that customers may subscribe to; it is called where they are needed."""

    base: str
    events: Callable[[], type[StrEnum]]


@dataclass(frozen=True, eq=False)
class Surface:
    """One public API. `about` opens its document: Markdown, what it does and the first calls to make.

    `presign` is the route that the answer to a body too large names. Pictures are deleted `pictures_kept_days` after
    their job's end, or with the account where that is None.
    """

    name: str
    title: str
    errors: ErrorShape
    about: str = ""
    callers: Callers | None = None
    functions: tuple[Function, ...] = ()
    webhooks: Webhooks | None = None
    presign: str | None = None
    pictures_kept_days: int | None = None
    version: str = "0.1.0"
    max_json_body: int = MAX_JSON_BODY
    max_form_body: int = MAX_FORM_BODY

    @property
    def group(self) -> str:
        """The folder of its functions."""
        return f"{self.name}_api"

    @property
    def package(self) -> str:
        return f"functions.{self.group}"
