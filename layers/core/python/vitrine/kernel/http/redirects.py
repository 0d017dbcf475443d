"""Answers of download addresses: they send on to a link that ends soon."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

PictureKey = Annotated[str, Query(max_length=300, description="What makes the address ours")]
REDIRECT: Any = {307: {"description": "To the picture's link"}}
_KEPT_S = 300
"""What a browser keeps of a link that holds for 900 s: a page that shows it again asks us less, and it still works."""


def redirect(link: str) -> Response[None]:
    headers = {
        "Location": link,
        "Cache-Control": f"private, max-age={_KEPT_S}",
        # The address is a capability: whoever is linked to from a picture need not learn it.
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    return Response(status_code=307, headers=headers)
