"""The surfaces, each of which its own folder declares. Infra, the generators and the tests loop over this list."""

from functions.imaging360_api.surface import SURFACE as IMAGING360
from functions.realstaging_api.surface import SURFACE as REALSTAGING
from functions.stagecraft_api.surface import SURFACE as STAGECRAFT
from vitrine.kernel.surface import Surface

SURFACES: tuple[Surface, ...] = (REALSTAGING, STAGECRAFT, IMAGING360)
BY_NAME = {surface.name: surface for surface in SURFACES}
