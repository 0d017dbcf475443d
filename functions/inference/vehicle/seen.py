"""What one look at a frame gives. Knows no model, so that an endpoint which is never asked loads none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from vitrine.contracts.inference import Box, Plate

Timings = dict[str, float]
Side = Literal["left", "top", "right", "bottom"]


@dataclass(frozen=True)
class Seen:
    """`mask_png` and `box` None: nothing stands out. `timings` are seconds per step."""

    mask_png: bytes | None = None
    box: Box | None = None
    area: float = 0.0
    touches: tuple[Side, ...] = ()
    confidence: float = 0.0
    plates: tuple[Plate, ...] = ()
    timings: Timings = field(default_factory=dict)


class UnreadableFrame(Exception):
    """The bytes are no picture, or one that is too large or too small."""


Look = Callable[[bytes], Seen]
"""Looks at one frame's file; safe to call from several threads. Raises `UnreadableFrame`."""
