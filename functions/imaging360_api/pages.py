"""Pages for people: the reviewer's, and the one that shows a published set and may stand in a frame of any site.

Both are the same for everybody. What they show they ask of the API: the reviewer's page with the token of who signed
in, the other one by the set's lasting address.
"""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path as InPath
from pydantic import StringConstraints

from vitrine.assets.links import Address
from vitrine.kernel import pages
from vitrine.kernel.environment import Buckets, OidcLogin
from vitrine.kernel.http import Api

FILES = (
    *("spin.js", "view.js", "view.css"),
    *("review.js", "review-api.js", "review-set.js", "review-ring.js", "review-frame.js", "review.css"),
)
_TAG = "pages"

Key = Annotated[
    str,
    InPath(description="That of a publication: the same as in `/v1/published/{key}/manifest.json`"),
    StringConstraints(pattern=r"^[A-Za-z0-9._~-]+$", max_length=1000),
]


def serve(api: Api, folder: Path) -> None:
    """Answer GET /review, GET /v1/view/{key} and GET /viewer/{file}."""
    files, login, bucket = pages.Files(FILES, folder), OidcLogin.load(), Buckets.load().media_bucket
    words = {"title": api.surface.title, "issuer": login.oidc_issuer, "client": login.oidc_client_id or ""}

    @api.get("/review", **pages.public("Review sets in a browser", _TAG))
    def review_page() -> Response[str]:
        return files.page("review.html", words, pages.Hosts(_pictures(bucket), asked=(_origin(login.oidc_issuer),)))

    @api.get("/v1/view/{key}", **pages.public("Show a published set", _TAG))
    def view_page(key: Key) -> Response[str]:
        """The page is there for every key, and says itself where nothing is public (any more). `#a=105&z=2` in its
        address opens it at an angle of 105 degrees, twice as large. To show it on another page:
        `<iframe src="…" sandbox="allow-scripts allow-same-origin" allow="fullscreen"></iframe>`."""
        return files.page("view.html", {"key": key}, pages.Hosts(_pictures(bucket), framed=True))

    pages.serve_files(api, "/viewer", files, _TAG, "viewer_file")


def _pictures(bucket: str) -> tuple[str]:
    """Where links to pictures lead."""
    return (_origin(Address.of(bucket).base),)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
