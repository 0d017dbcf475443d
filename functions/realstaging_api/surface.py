"""The surface realstaging: OIDC access tokens, problem details, one function per context."""

from enum import StrEnum

from vitrine.kernel import problems, schema
from vitrine.kernel.environment import Limits, Oidc, Receivers, StripeApi
from vitrine.kernel.surface import (
    ERRORS,
    ORIGINALS,
    PUBLISHED,
    UPLOADS,
    Access,
    Authenticate,
    Callers,
    ErrorShape,
    Function,
    Limit,
    Secret,
    StateMachine,
    Surface,
    Webhooks,
)


def _authenticator() -> Authenticate:
    from functions.realstaging_api.callers import authenticator

    return authenticator()


def _event_types() -> type[StrEnum]:
    from vitrine.contracts.announcements import ImageEventType

    return ImageEventType


SURFACE = Surface(
    name="realstaging",
    title="Real Staging API",
    about="""Stages photos of rooms. The first calls:

1. `POST /api/v1/projects` makes a project.
2. `POST /api/v1/uploads/presign` answers an `upload_url`. `PUT` the photo there, with the `headers` of the answer.
3. `POST /api/v1/images` with the `file_key` as `original_url` stages it.
4. `GET /api/v1/events` tells when it is done, and `GET /api/v1/images/{id}` has the result.""",
    errors=ErrorShape(
        render=problems.render,
        content_type=problems.CONTENT_TYPE,
        schema=problems.SCHEMA,
        descriptions={
            **ERRORS,
            402: "Not enough credits",
            415: "Not JSON",
            422: "Some fields are not valid; `errors` lists them",
        },
    ),
    callers=Callers(
        load=_authenticator,
        bearer={"bearerFormat": "JWT"},
        credential="access token",
        # The first call of an account opens it, with its ledger.
        access=Access(writes=(schema.GUARD, schema.IDENTITY, schema.BILLING)),
        environment=(Oidc, Limits),
        limits=(Limit("minute", 300, 60),),
    ),
    webhooks=Webhooks("/api/v1/webhooks", _event_types),
    functions=(
        Function(
            "uploads",
            "Presigns uploads",
            Access(writes=(schema.ASSETS,), puts=(UPLOADS,)),
        ),
        Function(
            "images",
            "Creates images and answers their state and links",
            Access(
                reads=(schema.ASSETS,),
                writes=(schema.JOBS, schema.STAGING),
                gets=(ORIGINALS, PUBLISHED),
                secrets=(Secret.CURSOR_KEY,),
            ),
        ),
        Function(
            "projects",
            "Projects of an account",
            Access(writes=(schema.STAGING,), secrets=(Secret.CURSOR_KEY,)),
        ),
        Function(
            "events",
            "Server-sent events of one image; holds up to 8 seconds",
            Access(reads=(schema.JOBS,)),
            timeout_s=20,
            # A held connection pays for every second of its memory.
            memory_mb=512,
            holds="streams",
        ),
        Function(
            "billing",
            "Takes Stripe's webhook",
            Access(writes=(schema.BILLING,), secrets=(Secret.STRIPE,)),
        ),
        Function(
            "checkout",
            "Makes pages of Stripe's on which customers pay",
            Access(reads=(schema.BILLING,), secrets=(Secret.STRIPE_KEY,)),
            environment=(StripeApi,),
            timeout_s=20,
        ),
        Function("credits", "Balance and history of an account's credits", Access(secrets=(Secret.CURSOR_KEY,))),
        Function(
            "webhooks",
            "Webhooks of an account, and the log of their deliveries",
            Access(writes=(schema.ENGAGEMENT,), secrets=(Secret.CURSOR_KEY,), starts=(StateMachine.WEBHOOK,)),
            environment=(Receivers,),
        ),
        Function("reference", "Serves the OpenAPI document, and lists the room types and styles"),
    ),
)
