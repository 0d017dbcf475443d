from pathlib import Path

from vitrine.kernel import documents
from vitrine.kernel.environment import Deployment
from vitrine.kernel.http import Api

# Not `api.guarded()`: its module loads PyJWT and cryptography, which a public route has no use for.
Deployment.load()
api = Api("realstaging", guard=None)
handler = api.handler
documents.serve(api, Path(__file__).parents[2] / "events" / "openapi" / "realstaging.json")
