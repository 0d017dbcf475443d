"""The surface stagecraft: API keys and access tokens, its document's error shape, one function per context.

No limit counts requests here: the document limits stagings alone (`vitrine.billing.usage`), and the gateway throttles.
"""

from enum import StrEnum

from functions.stagecraft_api import errors
from vitrine.kernel import schema
from vitrine.kernel.environment import EngineCapacity, MailSender, Receivers
from vitrine.kernel.surface import (
    ERRORS,
    INFERENCE,
    ORIGINALS,
    PUBLISHED,
    UPLOADS,
    Access,
    Authenticate,
    Bucket,
    Callers,
    ErrorShape,
    Function,
    Secret,
    StateMachine,
    Surface,
    Webhooks,
)


def _authenticator() -> Authenticate:
    from vitrine.identity.accounts import service
    from vitrine.kernel.environment import AccountSecrets

    AccountSecrets.load()
    return service.authenticate


def _event_types() -> type[StrEnum]:
    from vitrine.contracts.announcements import StagingEventType

    return StagingEventType


_TAKES_PHOTOS = Access(
    writes=(schema.ASSETS, schema.JOBS, schema.BILLING, schema.STAGING), puts=(UPLOADS,), gets=(UPLOADS,)
)

SURFACE = Surface(
    name="stagecraft",
    title="StageCraft AI API",
    about="""Stages photos of rooms in luxury styles, one by one or in batches of one home. The first calls:

1. `GET /api/styles` lists the styles.
2. `POST /api/stage` takes a photo of up to 4 MB as a form. A larger one goes to the `upload_url` of
   `POST /api/uploads/presign`, with the `headers` of the answer, and its `file_key` is the `image`.
3. `GET /api/stage/{staging_id}` has the result, or `Prefer: wait=25` asks the first call to wait for it.""",
    errors=ErrorShape(
        render=errors.render,
        content_type=errors.CONTENT_TYPE,
        schema=errors.SCHEMA,
        descriptions={
            **ERRORS,
            400: "The request cannot be read, or its photo is none: INVALID_IMAGE_FORMAT",
            401: "INVALID_API_KEY",
            403: "Not allowed with this credential",
            413: "IMAGE_TOO_LARGE: send it by `POST /api/uploads/presign`",
            415: "Neither JSON nor, where a photo is sent, a form",
            422: "Some fields are not valid, such as INVALID_STYLE",
            429: "RATE_LIMIT_EXCEEDED or USAGE_LIMIT_EXCEEDED; `Retry-After` says when to come back",
            503: "Not available right now, such as MAINTENANCE_MODE; `Retry-After` says when to come back",
        },
    ),
    callers=Callers(
        load=_authenticator,
        bearer={"description": "An API key (`sck_…`), or an access token of `POST /api/auth/token`"},
        credential="api key",
        # Use of a key is noted with its account.
        access=Access(writes=(schema.GUARD, schema.IDENTITY), secrets=(Secret.KEY_PEPPER, Secret.TOKEN_SECRET)),
    ),
    webhooks=Webhooks("/api/webhooks", _event_types),
    presign="POST /api/uploads/presign",
    pictures_kept_days=30,
    functions=(
        Function(
            "account",
            "An account: its plan, usage, preferences and keys",
            Access(reads=(schema.BILLING, schema.STAGING)),
            environment=(MailSender,),
        ),
        Function("auth", "Exchanges API keys and refresh tokens for access tokens"),
        Function("health", "Says how the service does", Access(reads=(schema.GUARD,))),
        Function(
            "webhooks",
            "Webhooks of an account, and the log of their deliveries",
            Access(writes=(schema.ENGAGEMENT,), secrets=(Secret.CURSOR_KEY,), starts=(StateMachine.WEBHOOK,)),
            environment=(Receivers,),
        ),
        Function(
            "staging",
            "Takes photos to stage, and tells what became of them",
            # How far the engine is lies beside its results.
            _TAKES_PHOTOS
            | Access(gets=(ORIGINALS, PUBLISHED, INFERENCE), lists=(Bucket.MEDIA,), secrets=(Secret.CURSOR_KEY,)),
            timeout_s=29,
            holds="answers",
        ),
        Function(
            "batches",
            "Takes batches of photos, and tells how they do",
            _TAKES_PHOTOS | Access(secrets=(Secret.CURSOR_KEY,)),
            environment=(EngineCapacity,),
            timeout_s=20,
        ),
        Function("uploads", "Presigns uploads", Access(writes=(schema.ASSETS,), puts=(UPLOADS,))),
        Function("styles", "Lists the styles and shows a room in each"),
        Function("reference", "Serves the OpenAPI document"),
    ),
)
