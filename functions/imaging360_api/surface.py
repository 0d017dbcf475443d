"""The surface imaging360: tokens of devices and people, its document's error shape and limits, one function per
context."""

from enum import StrEnum

from functions.imaging360_api import errors
from vitrine.kernel import schema
from vitrine.kernel.environment import Limits, OidcLogin, Receivers
from vitrine.kernel.surface import (
    ERRORS,
    ORIGINALS,
    PUBLISHED,
    Access,
    Bucket,
    Callee,
    Callers,
    ErrorShape,
    Function,
    Gate,
    Limit,
    Per,
    Prefix,
    Secret,
    StateMachine,
    Surface,
    Webhooks,
)


def _gate() -> Gate:
    from vitrine.identity.organisations import gate
    from vitrine.kernel.environment import SigningSecret

    SigningSecret.load()
    return gate.admit


def _event_types() -> type[StrEnum]:
    from vitrine.contracts.announcements import CaptureEventType

    return CaptureEventType


FRAMES = Prefix(Bucket.UPLOADS, "org/")
FRAME_THUMBNAILS = Prefix(Bucket.MEDIA, "org/")
REPORTS = Prefix(Bucket.MEDIA, "capture/")

SURFACE = Surface(
    name="imaging360",
    title="360 Imaging API",
    about="""Takes pictures of vehicles, checks them and publishes sets. The first calls:

1. `POST /v1/auth/device` enrols a camera, or `POST /v1/auth/login` signs a person in.
2. `GET /v1/sites` lists the sites that they may use.
3. `POST /v1/sessions` begins a session for a vehicle.
4. `POST /v1/presign` answers an `upload_url` for each picture. `PUT` it there, with the `headers` of the answer.
5. `GET /v1/sessions/{id}` tells what became of the set.""",
    errors=ErrorShape(
        render=errors.render,
        content_type=errors.CONTENT_TYPE,
        schema=errors.SCHEMA,
        descriptions={
            **ERRORS,
            400: "VALIDATION_ERROR, or a code of its own: the request cannot be read, or some of its fields do not "
            "hold; `details` says which",
            403: "Not allowed for this device or role",
            404: "Not found, or another organisation's",
            415: "Not JSON",
        },
        statuses=errors.STATUSES,
        request_id=errors.request_id,
    ),
    callers=Callers(
        load_gate=_gate,
        bearer={"bearerFormat": "JWT", "description": "A device's or a user's token (`/v1/auth/…`)"},
        credential="user token",
        # A call is let in and counted by one write to its caller's item.
        access=Access(writes=(schema.GUARD, schema.IDENTITY), secrets=(Secret.SIGNING,)),
        environment=(Limits,),
        limits=(Limit("minute", 300, 60, Per.TOKEN),),
        many=True,
    ),
    webhooks=Webhooks("/v1/webhooks", _event_types),
    presign="POST /v1/presign",
    functions=(
        Function("auth", "Enrols devices and signs people in", environment=(OidcLogin,)),
        Function(
            "sessions",
            "Opens, lists, shows and ends sessions",
            Access(writes=(schema.CAPTURE,), gets=(REPORTS,)),
        ),
        Function(
            "presign",
            "Announces frames, and presigns their uploads",
            # Whether a frame came already is asked by HEAD, and a frame that did not come is a 404.
            Access(writes=(schema.CAPTURE,), puts=(FRAMES,), gets=(FRAMES,), lists=(Bucket.UPLOADS,)),
        ),
        Function(
            "images", "Shows images and their thumbnails", Access(reads=(schema.CAPTURE,), gets=(FRAME_THUMBNAILS,))
        ),
        Function("reviewing", "Notes what people say of frames", Access(writes=(schema.CAPTURE,))),
        Function(
            "thresholds",
            "Thresholds of the quality control, and what a change of them would do",
            Access(
                writes=(schema.CAPTURE, schema.JOBS),
                gets=(REPORTS,),
                lists=(Bucket.MEDIA,),
                secrets=(Secret.CURSOR_KEY,),
            ),
            # A page of past sets: an object of S3 for each, and two verdicts.
            memory_mb=1024,
            timeout_s=28,
        ),
        Function(
            "events",
            "Takes and lists telemetry",
            Access(writes=(schema.CAPTURE,), secrets=(Secret.CURSOR_KEY,)),
        ),
        Function(
            "webhooks",
            "Webhooks of an organisation, and the log of their deliveries",
            Access(writes=(schema.ENGAGEMENT,), secrets=(Secret.CURSOR_KEY,), starts=(StateMachine.WEBHOOK,)),
            environment=(Receivers,),
        ),
        Function(
            "publishing",
            "Publishes sets and frames, withdraws them, and opens originals",
            Access(
                writes=(schema.CAPTURE, schema.JOBS),
                gets=(ORIGINALS,),
                deletes=(PUBLISHED,),
                lists=(Bucket.MEDIA,),
                secrets=(Secret.CURSOR_KEY,),
                calls=(Callee.MAKE_FRAME,),
            ),
            timeout_s=28,
        ),
        Function(
            "published",
            "Serves what everybody may see",
            Access(
                reads=(schema.CAPTURE,),
                gets=(PUBLISHED,),
                lists=(Bucket.MEDIA,),
                secrets=(Secret.CURSOR_KEY,),
            ),
        ),
        Function("reference", "Serves the OpenAPI document, and pages for people", environment=(OidcLogin,)),
    ),
)
