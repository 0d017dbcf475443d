"""Webhooks: where a customer hears that an image changed."""

from functions.realstaging_api.surface import SURFACE
from vitrine.engagement.routes import add_routes
from vitrine.kernel.http import Api

api = Api(SURFACE)
handler = api.handler
add_routes(api)
