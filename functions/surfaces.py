"""The surfaces, each of which its own folder declares. Infra, the generators and the tests loop over this list."""

from functions.realstaging_api.surface import SURFACE as REALSTAGING
from functions.stagecraft_api.surface import SURFACE as STAGECRAFT
from vitrine.kernel.surface import Surface

SURFACES: tuple[Surface, ...] = (REALSTAGING, STAGECRAFT)
BY_NAME = {surface.name: surface for surface in SURFACES}
