"""The surface's OpenAPI document, as committed: generating it at run time would cost every cold start 33 ms."""

from pathlib import Path

from aws_lambda_powertools.event_handler import Response

from vitrine.kernel.environment import Deployment
from vitrine.kernel.http import Api

# Not `api.guarded()`: its module loads PyJWT and cryptography, which a public route has no use for.
Deployment.load()
api = Api("realstaging", guard=None)
handler = api.handler
routes = api.routes

_DOCUMENT = (Path(__file__).parents[2] / "events" / "openapi" / "realstaging.json").read_text()


@routes.get("/openapi.json", include_in_schema=False)
def openapi() -> Response[str]:
    headers = {"Cache-Control": "public, max-age=300"}
    return Response(status_code=200, body=_DOCUMENT, content_type="application/json", headers=headers)
