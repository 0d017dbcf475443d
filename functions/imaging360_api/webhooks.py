"""Webhooks: where an organisation hears what became of its sessions. Its admins alone register them."""

from functions.imaging360_api.callers import ADMIN
from functions.imaging360_api.surface import SURFACE
from vitrine.engagement.routes import add_routes
from vitrine.kernel.http import Api

api = Api(SURFACE)
handler = api.handler
add_routes(api, ADMIN)
