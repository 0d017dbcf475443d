from pathlib import Path

from functions.stagecraft_api.open import public
from vitrine.kernel import documents

api = public()
handler = api.handler
documents.serve(api, Path(__file__).parents[2] / "events" / "openapi" / "stagecraft.json")
