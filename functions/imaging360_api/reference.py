"""What everybody may read: the OpenAPI document, and pages for people."""

from pathlib import Path

from functions.imaging360_api import pages
from functions.imaging360_api.surface import SURFACE
from vitrine.kernel import documents
from vitrine.kernel.http import Api

api = Api(SURFACE)
handler = api.handler
EVENTS = Path(__file__).parents[2] / "events"
documents.serve(api, EVENTS)
pages.serve(api, EVENTS / "viewer" / "imaging360")
