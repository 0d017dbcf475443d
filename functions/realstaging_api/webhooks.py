"""Webhooks: where a customer hears that an image changed."""

from functions.realstaging_api.api import guarded
from vitrine.engagement.routes import add_routes, secretive
from vitrine.staging.models import Surface

BASE = "/api/v1/webhooks"

api = guarded(repeatable=secretive(BASE))
handler = api.handler
routes = api.routes
add_routes(api, Surface.REALSTAGING, BASE)
