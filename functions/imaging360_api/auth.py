"""Devices enrol, people sign in, and both ask who they are. The keys of their tokens are published here."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, Field

from functions.imaging360_api.callers import DEVICE_OR_USER, ENROLMENTS, SIGN_INS
from functions.imaging360_api.fields import SiteView, Text, Uuid
from functions.imaging360_api.surface import SURFACE
from vitrine.identity.organisations import enrolment, keys, login, rules, service
from vitrine.identity.organisations.models import DeviceFacts, IssuedToken, Organisation, Platform, Role
from vitrine.identity.tokens import IdTokenVerifier
from vitrine.kernel.environment import OidcLogin
from vitrine.kernel.http import Allow, Api, Bearer, Caller, NewIds, Now

api = Api(SURFACE)
handler = api.handler
_verify = IdTokenVerifier(OidcLogin.load())
Secret = Annotated[str, Field(min_length=32, max_length=200)]


class DeviceRequest(BaseModel):
    """`enrolment_code` where the organisation wants one. With a `device_secret`, which the device makes once and
    keeps, it is known again when it has lost its token."""

    org_id: Uuid
    platform: Platform
    model: Text
    app_version: Text
    enrolment_code: Text | None = None
    device_secret: Secret | None = None


class DeviceToken(BaseModel):
    """`expires_in` is in seconds."""

    device_id: Uuid
    access_token: str
    expires_in: int


class LoginRequest(BaseModel):
    """`nonce` is that of the sign-in at the identity provider; where it is sent, the token has to carry it."""

    id_token: Annotated[str, Field(min_length=1, max_length=16_384)]
    nonce: Text | None = None


class UserToken(BaseModel):
    """`expires_in` is in seconds."""

    user_id: Uuid
    access_token: str
    expires_in: int


class SiteList(BaseModel):
    data: list[SiteView]
    total: int


class OrganisationView(BaseModel):
    id: Uuid
    name: str


class Me(BaseModel):
    """Who calls, and what they may do and use at this moment, whatever their token says."""

    id: Uuid
    name: str | None
    role: Role
    organisation: OrganisationView
    sites: list[SiteView]


class KeySet(BaseModel):
    """A JWK Set (RFC 7517)."""

    keys: list[dict[str, Any]]


@api.post(
    "/v1/auth/device",
    summary="Enrol a device, or renew its token",
    description="A device that sends its own token as a bearer token keeps its id and gets a new token; also while its "
    "organisation takes no new devices, and until 30 days after that token's end. Any other call enrols a new device, "
    "unless it brings the `device_secret` of one that is known.",
    tags=["auth"],
    allow=Allow.PUBLIC,
    rate=ENROLMENTS,
    round_trips=3,
    errors=(401, 403, 429),
)
def enrol_device(body: DeviceRequest, bearer: Bearer, ids: NewIds, now: Now) -> DeviceToken:
    tenant = rules.tenant_of(body.org_id)
    facts = DeviceFacts(platform=body.platform, model=body.model, app_version=body.app_version)
    issued = (
        enrolment.renew(bearer, tenant, facts, ids, now)
        if bearer
        else enrolment.enrol(tenant, facts, body.enrolment_code, body.device_secret, ids, now)
    )
    return DeviceToken(device_id=issued.actor, **_token(issued))


@api.post(
    "/v1/auth/login",
    summary="Sign in with an ID token of the identity provider",
    tags=["auth"],
    allow=Allow.PUBLIC,
    rate=SIGN_INS,
    round_trips=4,
    errors=(401, 403, 429, 503),
)
def sign_in(body: LoginRequest, ids: NewIds, now: Now) -> UserToken:
    issued = login.sign_in(rules.identity_of(_verify(body.id_token, body.nonce, now)), ids, now)
    return UserToken(user_id=issued.actor, **_token(issued))


@api.get("/v1/me", summary="Who calls", tags=["auth"], allow=DEVICE_OR_USER, round_trips=2)
def get_me(caller: Caller) -> Me:
    principal = caller.principal
    organisation = service.find(caller.tenant)
    return Me(
        id=principal.actor,
        name=principal.name,
        role=Role(principal.role),
        organisation=OrganisationView(id=organisation.id, name=organisation.name),
        sites=_sites(organisation, caller),
    )


@api.get(
    "/v1/sites", summary="List the sites that the caller may use", tags=["auth"], allow=DEVICE_OR_USER, round_trips=2
)
def list_sites(caller: Caller) -> SiteList:
    found = _sites(service.find(caller.tenant), caller)
    return SiteList(data=found, total=len(found))


@api.get(
    "/v1/.well-known/jwks.json",
    summary="The keys that tokens of this API are signed with",
    tags=["auth"],
    allow=Allow.PUBLIC,
    round_trips=0,
)
def list_keys() -> Response[KeySet]:
    found = KeySet(keys=[key.jwk for key in keys.known().values()])
    return Response(200, "application/json", found, {"Cache-Control": "public, max-age=300"})


def _token(issued: IssuedToken) -> dict[str, Any]:
    return {"access_token": issued.token, "expires_in": issued.expires_in}


def _sites(organisation: Organisation, caller: Caller) -> list[SiteView]:
    return [SiteView.of(site) for site in service.sites_of(organisation, caller.principal)]
