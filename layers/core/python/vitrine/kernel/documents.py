"""A surface's OpenAPI document, and the page that shows it to people.

The document is served as committed, with its address: generating it at run time would cost every cold start 33 ms.
The page is Swagger UI with files of its own (`events/viewer`); all of them come from here, and its policy (CSP)
forbids any other host.
"""

import gzip
import json
from base64 import b64encode
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi import swagger_ui
from aws_lambda_powertools.event_handler.openapi.params import Header

from vitrine.kernel import conditional
from vitrine.kernel.errors import NotFound
from vitrine.kernel.http import Allow, Api, BaseUrl

JAVASCRIPT, STYLES = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
FILES = {
    "docs.js": JAVASCRIPT,
    "docs.css": STYLES,
    "swagger-ui-bundle.min.js": JAVASCRIPT,
    "swagger-ui.min.css": STYLES,
}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_SECURITY = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_TAGS = ["reference"]
_YEAR_S = 31_536_000

AcceptEncoding = Annotated[str, Header(alias="Accept-Encoding")]


def _answer(description: str, media_type: str) -> Any:
    schema = {"type": "object" if media_type == "application/json" else "string"}
    return {200: {"description": description, "content": {media_type: {"schema": schema}}}}


def serve(api: Api, folder: Path) -> None:
    """Answer GET /openapi.json and GET /docs. `folder` is `events`, as it lies in the repository and in the zip."""
    _serve_document(api, folder / "openapi" / f"{api.surface.name}.json")
    _serve_page(api, folder / "viewer")


def _serve_document(api: Api, document: Path) -> None:
    text = cache(partial(_located, document))

    @api.get(
        "/openapi.json",
        summary="Read this document",
        tags=_TAGS,
        responses=_answer("This document", "application/json"),
        allow=Allow.PUBLIC,
        round_trips=0,
    )
    def openapi(base: BaseUrl) -> Response[str]:
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(status_code=200, body=text(base), content_type="application/json", headers=headers)


def _located(document: Path, base: str) -> str:
    """The document with its own address, for clients that are made from it."""
    return json.dumps({**json.loads(document.read_text()), "servers": [{"url": base}]}, ensure_ascii=False)


def _serve_page(api: Api, folder: Path) -> None:
    page = cache(partial(_page, folder, api.surface.title))

    @api.get(
        "/docs",
        summary="Read this document as a page",
        tags=_TAGS,
        responses=_answer("The page", "text/html"),
        allow=Allow.PUBLIC,
        round_trips=0,
    )
    def docs() -> Response[str]:
        headers = {"Cache-Control": "public, max-age=300", **_SECURITY}
        return Response(status_code=200, body=page(), content_type="text/html; charset=utf-8", headers=headers)

    @api.get(
        "/docs/{file}",
        summary="Get a file of that page",
        tags=_TAGS,
        responses=_answer("The file", "text/javascript"),
        allow=Allow.PUBLIC,
        round_trips=0,
        errors=(404,),
    )
    def docs_file(file: str, accept_encoding: AcceptEncoding = "") -> Response[str]:
        if file not in FILES:
            raise NotFound("There is no such file.")
        return _sent(_path(folder, file), FILES[file], "gzip" in accept_encoding)


def _page(folder: Path, title: str) -> str:
    """Its files are named with a version, so that browsers may keep them for ever."""
    version = conditional.etag(b"".join(_path(folder, name).read_bytes() for name in FILES)).strip('"')[:8]
    return (folder / "docs.html").read_text().replace("{title}", title).replace("{version}", version)


def _sent(path: Path, content_type: str, compress: bool) -> Response[str]:
    headers = {"Cache-Control": f"public, max-age={_YEAR_S}, immutable", "Vary": "Accept-Encoding", **_SECURITY}
    if not compress:
        return Response(200, content_type, path.read_text(), headers)
    answer: Response[str] = Response(200, content_type, _compressed(path), {**headers, "Content-Encoding": "gzip"})
    answer.base64_encoded = True
    return answer


@cache
def _compressed(path: Path) -> str:
    """Swagger UI's script goes from 1.5 MB to 0.4 MB."""
    return b64encode(gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)).decode()


def _path(folder: Path, name: str) -> Path:
    """In a zip all files lie together (`infra/packaging/closure.py`); else powertools has those of Swagger UI."""
    packed = folder / name
    return packed if packed.exists() else Path(swagger_ui.__path__[0]) / name
