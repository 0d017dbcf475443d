"""Names for the arrays that pictures, geometry and rendering work on."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
"""Pictures and light: h x w, or h x w x channels."""
Bytes = NDArray[np.uint8]
"""Decoded pictures (h x w x 3, sRGB) and 8-bit masks (h x w)."""
Floats = NDArray[np.float64]
"""Geometry: points, directions, lengths."""
Bools = NDArray[np.bool_]
"""Masks, and which rows of another array are meant."""
