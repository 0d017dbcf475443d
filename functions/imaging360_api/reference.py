from pathlib import Path

from functions.imaging360_api.surface import SURFACE
from vitrine.kernel import documents
from vitrine.kernel.http import Api

api = Api(SURFACE)
handler = api.handler
documents.serve(api, Path(__file__).parents[2] / "events")
