"""What a deployed function gets through its environment variables, as types that infra fills and the runtime reads.

A field `jobs_table` travels as `VITRINE_JOBS_TABLE`. A function that lacks one it needs fails its cold start with
`ConfigurationMissingError`, which names the variable, instead of failing request one thousand.
"""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class ConfigurationMissingError(RuntimeError):
    """A variable is absent or unusable; the message names it and never its value."""


class Environment(BaseModel):
    """A frozen group of variables. Subclass it per concern; compose by loading several."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def load(cls, variables: Mapping[str, str] = os.environ) -> Self:
        found = {name: variables[_variable(name)] for name in cls.model_fields if _variable(name) in variables}
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            names = sorted({_variable(str(part["loc"][0])) for part in error.errors()})
            raise ConfigurationMissingError(f"{cls.__name__} needs {', '.join(names)}") from None

    def variables(self) -> dict[str, str]:
        return {_variable(name): str(value) for name, value in self.model_dump(mode="json", exclude_none=True).items()}


def _variable(name: str) -> str:
    return f"VITRINE_{name.upper()}"


class Deployment(Environment):
    """Which environment this is, and which code: `build` is a content hash."""

    environment: str
    build: str = "unknown"


class OidcProvider(Environment):
    """An identity provider. `oidc_jwks_url` defaults to what the issuer's discovery document says."""

    oidc_issuer: str
    oidc_jwks_url: str | None = None


class Oidc(OidcProvider):
    """The identity provider whose access tokens realstaging takes.

    `oidc_token_typ` is the media type that its access tokens carry: `at+jwt` where it follows RFC 9068. Without it a
    token is taken for an access token unless its type or its claims are those of another kind.
    """

    oidc_audience: str
    oidc_token_typ: str | None = None


class OidcLogin(OidcProvider):
    """The identity provider whose ID tokens imaging360 takes. `oidc_client_id` is the client that they are for; without
    one nobody can sign in."""

    oidc_client_id: str | None = None


class SigningSecret(Environment):
    """The Secrets Manager secret that the keys of tokens are made from, newest first, one per line."""

    signing_secret_arn: str


class AccountSecrets(Environment):
    """The Secrets Manager secrets behind API keys and access tokens; the latter newest first, one per line."""

    key_pepper_secret_arn: str
    token_secret_arn: str


class Buckets(Environment):
    """`uploads_bucket` takes presigned PUTs; `media_bucket` holds thumbnails, inference in- and output, results."""

    uploads_bucket: str
    media_bucket: str


class StripeSecret(Environment):
    """The Secrets Manager secret that holds the webhook signing secrets, newest first, one per line."""

    stripe_webhook_secret_arn: str


class StripeKey(Environment):
    """The Secrets Manager secret that holds the key for calls to Stripe; until a key is put there, none are made."""

    stripe_api_key_secret_arn: str


class StripeApi(Environment):
    """Where Stripe's API is; tests have their own."""

    stripe_api_base: str = "https://api.stripe.com"


class WebhookMachine(Environment):
    webhook_state_machine_arn: str


class Receivers(Environment):
    """Whether webhooks may go to this machine's own loopback address; never on AWS."""

    webhook_loopback: bool = False


class MailSender(Environment):
    """The address that mails come from, which SES has verified; without one no mail is sent."""

    mail_sender: str | None = None


class Bus(Environment):
    status_bus: str


class WorkMachines(Environment):
    """Where the state machines of all kinds of work are: a machine's ARN is the prefix and its name.

    `jobs_at_once` bounds the jobs at work over all tenants; the others wait in the fair queue.
    """

    work_machines_prefix: str
    jobs_at_once: int = Field(default=1_000, ge=1)

    def arn(self, machine: str) -> str:
        return f"{self.work_machines_prefix}{machine}"


class EngineCapacity(Environment):
    """How many photos the engine can work on at once when it has all its instances: what estimates are made with."""

    engine_photos_at_once: int = Field(default=1, ge=1)


class InferenceEndpoint(Environment):
    """The asynchronous endpoint. `staging_max_attempts` bounds how many seeds a weak result may try."""

    staging_endpoint: str
    staging_max_attempts: int = 3
    staging_integrity_floor: float = 0.9
    staging_quality_floor: float = 0.35


class QcEndpoint(Environment):
    """The serverless endpoint that looks at pictures while its caller waits."""

    qc_endpoint: str


class Limits(Environment):
    """Stands in for the limits by minute that surfaces declare, where a deployment needs others: tests do."""

    requests_per_minute: int | None = None


class FrameMaker(Environment):
    """The function that makes a frame which is published on its own, by its alias."""

    frame_maker_arn: str


class CursorKey(Environment):
    """The Secrets Manager secret whose value signs list cursors and download addresses."""

    cursor_key_secret_arn: str
