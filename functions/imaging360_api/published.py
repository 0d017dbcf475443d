"""What everybody may see: published frames, packages, manifests, and sets as other viewers take them."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.imaging360_api.addresses import PATH, Addresses, file_address
from functions.imaging360_api.surface import SURFACE
from vitrine.assets.addresses import no_picture
from vitrine.capture.publishing import public
from vitrine.capture.publishing.exports import FORMATS
from vitrine.capture.publishing.models import MANIFEST
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Allow, Api, Method
from vitrine.kernel.http.redirects import REDIRECT, redirect

api = Api(SURFACE)
handler = api.handler

_bucket = Buckets.load().media_bucket
_addresses = Addresses()
_KEPT_S = 300
_HEADERS = {"Cache-Control": f"public, max-age={_KEPT_S}", "Access-Control-Allow-Origin": "*"}


@api.get(
    PATH,
    summary="Read a published file",
    description="Frames (`cover.jpg` is the first) and packages are sent on to a link; `manifest.json` and the exports "
    "are answered here. Who "
    "has the address needs no token. It lasts until the publication is withdrawn.",
    tags=["published"],
    responses={200: {"description": "A manifest or an export"}, **REDIRECT},
    allow=Allow.PUBLIC,
    round_trips=1,
    errors=(404,),
)
def get_published_file(key: str, file: str, method: Method) -> Response[Any]:
    live = public.live(*_addresses.open(key))
    if file == MANIFEST:
        return _json(public.manifest(live, _bucket).decode())
    if file in FORMATS:
        made = FORMATS[file](public.parsed(live, _bucket), lambda name: file_address(key, name))
        return _json(json.dumps(made, indent=2))
    place = live.key_of(file)
    if place is None:
        raise no_picture()
    return redirect(public.link(_bucket, place, method))


def _json(text: str) -> Response[str]:
    return Response(status_code=200, content_type="application/json", headers=_HEADERS, body=text)
