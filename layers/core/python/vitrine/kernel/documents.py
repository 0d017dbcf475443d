"""A surface's OpenAPI document, as committed: generating it at run time would cost every cold start 33 ms."""

from pathlib import Path

from aws_lambda_powertools.event_handler import Response

from vitrine.kernel.http import Api


def serve(api: Api, document: Path) -> None:
    """Answer GET /openapi.json with the file, which is read once."""
    text = document.read_text()

    @api.routes.get("/openapi.json", include_in_schema=False)
    def openapi() -> Response[str]:
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(status_code=200, body=text, content_type="application/json", headers=headers)
