"""Webhooks: where a customer hears that a staging or a batch changed."""

from functions.stagecraft_api.api import guarded
from vitrine.engagement.routes import add_routes, secretive
from vitrine.staging.models import Surface

BASE = "/api/webhooks"

api = guarded(repeatable=secretive(BASE))
handler = api.handler
routes = api.routes
add_routes(api, Surface.STAGECRAFT, BASE)
