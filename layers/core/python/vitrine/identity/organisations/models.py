from enum import StrEnum

from pydantic import AwareDatetime, Field

from vitrine.identity.accounts.models import Email, Text
from vitrine.kernel.record import Record

__all__ = ["Email", "Text"]


class Role(StrEnum):
    """What somebody may do. A person is one of the last three."""

    DEVICE = "device"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    ADMIN = "admin"


PEOPLE = frozenset({Role.OPERATOR, Role.REVIEWER, Role.ADMIN})


class Enrolment(StrEnum):
    """Whether new devices may come; those that are known may always refresh."""

    OPEN = "open"
    CLOSED = "closed"
    CODE = "code"


class VinPolicy(StrEnum):
    """What a wrong check digit is: a warning in the answer, or an error."""

    WARN = "warn"
    STRICT = "strict"


class Redaction(StrEnum):
    """What happens to number plates on everything that is published."""

    BLUR = "blur"
    BOX = "box"
    OFF = "off"


class FirstFrame(StrEnum):
    """The view that an export begins with, or the frame that was shot first."""

    FRONT_THREE_QUARTER = "front_3q"
    FRONT = "front"
    AS_SHOT = "as_shot"


class Policies(Record):
    """What an organisation decides for itself. `thresholds` names a version of the set checks' thresholds; None is the
    newest that applies."""

    enrolment: Enrolment = Enrolment.OPEN
    vin_policy: VinPolicy = VinPolicy.WARN
    redaction: Redaction = Redaction.BLUR
    first_frame: FirstFrame = FirstFrame.FRONT_THREE_QUARTER
    thresholds: str | None = None


class Site(Record):
    id: str
    name: str
    created_at: AwareDatetime


class Organisation(Record):
    """`id` is a UUID; `code_hash` is that of the enrolment code. `version` grows with every change."""

    id: str
    tenant: str
    name: str
    policies: Policies = Policies()
    sites: tuple[Site, ...] = ()
    code_hash: str | None = Field(default=None, repr=False)
    version: int = Field(default=1, ge=1)
    created_at: AwareDatetime

    def site(self, site_id: str) -> Site | None:
        return next((site for site in self.sites if site.id == site_id), None)


class Actor(Record):
    """Who acts for an organisation. `sites` None: all that it has, now and later. One that `ended_at` is over."""

    id: str
    tenant: str
    role: Role
    sites: frozenset[str] | None = None
    created_at: AwareDatetime
    ended_at: AwareDatetime | None = None


class Person(Actor):
    """`issuer` and `subject` are empty until the first sign-in."""

    name: str = Field(repr=False)
    email: Email = Field(repr=False)
    issuer: str = Field(default="", repr=False)
    subject: str = Field(default="", repr=False)


class Platform(StrEnum):
    IOS = "ios"
    ANDROID = "android"
    EDGE = "edge"


class DeviceFacts(Record):
    """What a device says of itself."""

    platform: Platform
    model: str
    app_version: str


class Device(Actor):
    """`renewed_at` is when its last token was made."""

    role: Role = Role.DEVICE
    platform: Platform
    model: str
    app_version: str
    renewed_at: AwareDatetime


class TokenClaims(Record):
    """What a token of ours says, once its signature holds."""

    tenant: str
    org_id: str
    actor: str
    role: Role


class IssuedToken(Record):
    """`expires_in` is in seconds."""

    actor: str
    token: str = Field(repr=False)
    expires_in: int


class Identity(Record):
    """Who signed in at the identity provider; `email` only where the provider verified it."""

    issuer: str = Field(repr=False)
    subject: str = Field(repr=False)
    email: str | None = Field(default=None, repr=False)
