"""A surface's OpenAPI document, and the page that shows it to people.

The document is served as committed, with its address: generating it at run time would cost every cold start 33 ms.
The page is Swagger UI with files of its own (`events/viewer`); all of them come from here.
"""

import json
from functools import cache, partial
from pathlib import Path

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi import swagger_ui

from vitrine.kernel import pages
from vitrine.kernel.http import Api, BaseUrl

FILES = ("docs.js", "docs.css", "swagger-ui-bundle.min.js", "swagger-ui.min.css")
_HOSTS = pages.Hosts(trusting=True)
"""Swagger UI makes HTML of text, which it cleans itself (DOMPurify)."""
_TAG = "reference"


def serve(api: Api, folder: Path) -> None:
    """Answer GET /openapi.json and GET /docs. `folder` is `events`, as it lies in the repository and in the zip."""
    _serve_document(api, folder / "openapi" / f"{api.surface.name}.json")
    # In a zip all files lie together (`infra/packaging/closure.py`); else powertools has those of Swagger UI.
    _serve_page(api, pages.Files(FILES, folder / "viewer", Path(swagger_ui.__path__[0])))


def _serve_document(api: Api, document: Path) -> None:
    text = cache(partial(_located, document))

    @api.get("/openapi.json", **pages.public("Read this document", _TAG, "This document", "application/json"))
    def openapi(base: BaseUrl) -> Response[str]:
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(status_code=200, body=text(base), content_type="application/json", headers=headers)


def _located(document: Path, base: str) -> str:
    """The document with its own address, for clients that are made from it."""
    return json.dumps({**json.loads(document.read_text()), "servers": [{"url": base}]}, ensure_ascii=False)


def _serve_page(api: Api, files: pages.Files) -> None:
    @api.get("/docs", **pages.public("Read this document as a page", _TAG))
    def docs() -> Response[str]:
        return files.page("docs.html", {"title": api.surface.title}, _HOSTS)

    pages.serve_files(api, "/docs", files, _TAG, "docs_file")
