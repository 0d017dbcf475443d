"""A surface's OpenAPI document, as committed: generating it at run time would cost every cold start 33 ms."""

from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response

from vitrine.kernel.http import Allow, Api

_ANSWER: Any = {
    200: {"description": "This document", "content": {"application/json": {"schema": {"type": "object"}}}},
}


def serve(api: Api, document: Path) -> None:
    """Answer GET /openapi.json with the file, which is read once."""
    text = cache(document.read_text)

    @api.get(
        "/openapi.json",
        summary="Read this document",
        tags=["reference"],
        responses=_ANSWER,
        allow=Allow.PUBLIC,
        round_trips=0,
    )
    def openapi() -> Response[str]:
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(status_code=200, body=text(), content_type="application/json", headers=headers)
