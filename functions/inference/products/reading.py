"""The file: colours (as they are below any transparency) and alpha, upright, at full size."""

from dataclasses import dataclass

import numpy as np

from functions.inference.products.doubts import Refusal, Refused, refuse
from functions.inference.vision.arrays import Bytes
from functions.inference.vision.images import MOST_PIXELS, WORDS
from vitrine.pictures.colour import over_white
from vitrine.pictures.decoding import Limits, open_still
from vitrine.pictures.faults import BadPicture, Fault

SMALLEST_SIDE = 64
LIMITS = Limits(MOST_PIXELS, MOST_PIXELS, SMALLEST_SIDE)


@dataclass(frozen=True)
class Photo:
    """sRGB (h x w x 3) and alpha (h x w, 255 is opaque), or None where the file has none."""

    pixels: Bytes
    alpha: Bytes | None

    def opaque(self) -> Bytes:
        """What it shows over white."""
        if self.alpha is None:
            return self.pixels
        return over_white(np.dstack([self.pixels, self.alpha]))


def read(data: bytes) -> Photo | Refused:
    try:
        still = open_still(data, LIMITS)
        pixels, alpha = still.decode_with_alpha()
        return Photo(still.upright(pixels), None if alpha is None else still.upright(alpha))
    except BadPicture as bad:
        if bad.fault is Fault.TOO_SMALL:
            return refuse(Refusal.TOO_SMALL)
        return refuse(Refusal.UNREADABLE, WORDS[bad.fault].format(*(bad.size or ())))
