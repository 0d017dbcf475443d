"""What a route says of itself, once: the kernel acts on it, and the OpenAPI document carries it (`x-allow`, …)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Required, TypedDict, get_type_hints

from pydantic import BaseModel, ConfigDict

from vitrine.kernel.surface import Json, Limit, Per

ID = "$response.body#/id"
"""For `leads_to`: the id in the answer's body."""
IDEMPOTENT_METHODS = frozenset({"POST", "PATCH"})


@dataclass(frozen=True)
class Allow:
    """Who may call: everybody, whoever signed in, or who signed in as one of `roles`. Public routes take no `Caller`.

    `value` is how contracts write it.
    """

    value: str
    roles: frozenset[str] | None = None

    PUBLIC: ClassVar["Allow"]
    SIGNED_IN: ClassVar["Allow"]

    def holds(self, role: str) -> bool:
        return self.roles is None or role in self.roles


Allow.PUBLIC = Allow("public")
Allow.SIGNED_IN = Allow("signed-in")


class Repeat(StrEnum):
    """What a repeat under the same Idempotency-Key gets."""

    REPLAYED = "replayed"
    """The first answer, as it was kept."""
    RUN_AGAIN = "run-again"
    """A new answer with the same ids, since the first must not be kept: it holds what expires, or a secret."""
    IN_TRANSACTION = "in-transaction"
    """How things are now; nothing is done again. The route's own transaction keeps the key (`Call.key_writes`), which
    costs no request more. A try that was refused, or died before it had done anything, leaves the key free."""
    NOT_TAKEN = "not-taken"
    """The route takes no key. Keys belong to a tenant, so public routes never do."""


@dataclass(frozen=True)
class Policy:
    """A route's own rules.

    - `form`: it takes a multipart form besides JSON; files reach it as `UploadFile`.
    - `brings_work`: it is closed during maintenance.
    - `limit`: for each tenant, besides the surface's; routes whose limits have the same name count together. A replay
      takes nothing of it.
    - `rate`: in the place of the surface's limits. A public route can have one for each address.
    - `token_parameter`: the query parameter that may carry the token where a browser cannot set a header (RFC 6750
      section 2.3).
    - `round_trips`: the requests to DynamoDB that a successful call may cost.
    - `errors`, `parameters`: for the document, what its generator cannot find out: further error statuses, and OpenAPI
      parameters that the handler reads of the request itself.
    - `leads_to`: OpenAPI links, by route: where in this answer the parameters of another route are found. The first
      GET among them is the `Location` of a 201 or 202.
    """

    allow: Allow = Allow.SIGNED_IN
    repeat: Repeat = Repeat.NOT_TAKEN
    form: bool = False
    brings_work: bool = False
    limit: Limit | None = None
    rate: Limit | None = None
    token_parameter: str | None = None
    round_trips: int = 0
    errors: Sequence[int] = ()
    parameters: Sequence[Json] = ()
    leads_to: Mapping[str, Mapping[str, str]] | None = None

    @property
    def is_public(self) -> bool:
        return self.allow == Allow.PUBLIC

    @property
    def location(self) -> tuple[str, Mapping[str, str]] | None:
        """Where what a 201 or 202 speaks of is read: the first GET that the answer leads to, as its path and how its
        parameters are found."""
        reads = ((route, where) for route, where in (self.leads_to or {}).items() if route.startswith("GET "))
        return next(((route.removeprefix("GET "), where) for route, where in reads), None)


class Declared(TypedDict, total=False):
    """What a route's decorator takes: powertools' own arguments, and the fields of `Policy`."""

    summary: Required[str]
    tags: Required[list[str]]
    description: str
    status_code: int
    responses: Any
    allow: Allow
    repeat: Repeat
    form: bool
    brings_work: bool
    limit: Limit
    rate: Limit
    token_parameter: str
    round_trips: Required[int]
    errors: Sequence[int]
    parameters: Sequence[Json]
    leads_to: Mapping[str, Mapping[str, str]]


class Form(BaseModel):
    """What a multipart form holds. A part that it has no field for is an error which names it, never left out."""

    model_config = ConfigDict(extra="forbid")


CLOSED = Policy()
"""For what no route is known for."""
OF_POLICY = frozenset(field.name for field in fields(Policy))


def check_form(handler: Callable[..., Any]) -> None:
    """Raises ValueError unless a parameter of the handler is a `Form`."""
    if not any(isinstance(hint, type) and issubclass(hint, Form) for hint in get_type_hints(handler).values()):
        raise ValueError("A route that takes forms has a `Form` for its body.")


def policy_of(method: str, declared: Declared) -> Policy:
    """By default a POST or PATCH that is not public is replayed. Raises ValueError for a policy that cannot hold."""
    own: dict[str, Any] = {name: value for name, value in declared.items() if name in OF_POLICY}
    is_public = own.get("allow") == Allow.PUBLIC
    if method in IDEMPOTENT_METHODS and not is_public:
        own.setdefault("repeat", Repeat.REPLAYED)
    policy = Policy(**own)
    if is_public and (policy.repeat is not Repeat.NOT_TAKEN or policy.limit or policy.token_parameter):
        raise ValueError("A public route has no tenant: it can take no Idempotency-Key, limit or token.")
    if policy.rate and is_public != (policy.rate.per is Per.ADDRESS):
        raise ValueError("Strangers are counted by their address, and nobody else is.")
    return policy
