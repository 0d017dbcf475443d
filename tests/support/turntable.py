"""Small frames of a turntable that are drawn in milliseconds: for what is about files and machines, not about cars."""

from typing import Any

import cv2
import numpy as np

from tests.support import pictures


def drawn(number: int, of: int = 12, **how: Any) -> bytes:
    """A small frame of a box that stands on a turntable, turned by its share of the turn; a JPEG."""
    ground = np.full((480, 640, 3), 200, np.uint8)
    cv2.rectangle(ground, (0, 330), (639, 479), (120, 120, 125), -1)
    turn = 2 * np.pi * number / of
    for corner in range(4):
        angle = turn + corner * np.pi / 2
        x, y = 320 + 180 * np.cos(angle), 330 + 50 * np.sin(angle)
        colour = (40 + 50 * corner, 200 - 40 * corner, 90)
        cv2.rectangle(ground, (int(x) - 40, int(y) - 150), (int(x) + 40, int(y)), colour, -1)
        cv2.putText(ground, "ABCD"[corner], (int(x) - 20, int(y) - 60), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 3)
    return pictures.file(ground, quality=90, **how)
