"""What holds for all operations of a surface, in Markdown: the document's introduction."""

from vitrine.kernel.surface import Surface


def text(surface: Surface) -> str:
    parts = (surface.about, _sign_in(surface), *_GENERAL, _errors(surface), _sizes(surface))
    return "\n\n".join(part for part in parts if part)


def _sign_in(surface: Surface) -> str:
    if surface.callers is None:
        return ""
    kind = _CREDENTIALS[surface.callers.credential]
    return f"**Sign in.** Send `Authorization: Bearer …` with {kind}. Operations without a lock need none."


_CREDENTIALS = {
    "access token": "an access token of the identity provider",
    "api key": "an API key",
    "user token": "a device's or a user's token",
}


_GENERAL = (
    "**Repeat safely.** Under an `Idempotency-Key` a `POST` or `PATCH` does its work once; a key holds for 24 hours. "
    "A replay carries `Idempotent-Replayed: true`.",
    "**Read cheaply.** A `GET` answers an `ETag`. Send it as `If-None-Match` when you poll: what has not changed is "
    "answered with 304, which has no body. `HEAD` works wherever `GET` does.",
    "**What was made** is read at the `Location` of its 201 or 202.",
    "**Null** in a request means that nothing is said, unless the field itself says what it takes away.",
    "**Times** are UTC (RFC 3339), **ids** are opaque text.",
)


def _errors(surface: Surface) -> str:
    code = "`code`" if surface.errors.content_type == "application/problem+json" else "`error.code`"
    return f"**Errors** have one shape, with a stable {code} for programs and words for people. " + (
        "`429` and `503` say in `Retry-After` after how many seconds to try again. "
        "`X-Request-Id` is in every answer; name it when you ask us about one."
    )


def _sizes(surface: Surface) -> str:
    json = f"**Sizes.** A JSON body may have {surface.max_json_body:,} bytes"
    if surface.presign is None:
        return f"{json}; photos go by presigned upload, which takes up to 100 MB."
    return (
        f"{json}, a form {surface.max_form_body:,}. Send photos of 4 MB and more by `{surface.presign}`. What is over "
        '6 MB the gateway refuses before it reaches us: that 413 is `{"message": "…"}`, not the shape of our errors.'
    )
