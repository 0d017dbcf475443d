"""Which part of a photo's film is rendered, and at what size."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from functions.inference.engines.render.read.room import Room
from functions.inference.vision.arrays import Array, Floats

EMPTY_REDUCTION = 4
"""The empty room is rendered at this fraction of the size; crops consist of whole squares of it."""
CROP_PADDING = 8


class Film(Protocol):
    """What is traced of a film of `width` x `height` pixels: the `crop` (x0, y0, x1, y1), `shape` rows and columns."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def crop(self) -> tuple[int, int, int, int]: ...
    @property
    def shape(self) -> tuple[int, int]: ...


@dataclass(frozen=True)
class View:
    """What to render: film size in pixels and the crop (x0, y0, x1, y1) of it."""

    room: Room
    width: int
    height: int
    crop: tuple[int, int, int, int]

    @property
    def shape(self) -> tuple[int, int]:
        return self.crop[3] - self.crop[1], self.crop[2] - self.crop[0]


def crop_around(box: Floats, near: Array, width: int, height: int) -> tuple[int, int, int, int]:
    """The part of a film that furniture (`box`, in its pixels) and its surroundings (`near`, any size) reach."""
    rows, columns = np.flatnonzero(near.max(1) > 0), np.flatnonzero(near.max(0) > 0)
    if len(rows) and len(columns):
        scale = np.array([width / near.shape[1], height / near.shape[0]] * 2)
        around = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]) * scale
        box = np.r_[np.minimum(box[:2], around[:2]), np.maximum(box[2:], around[2:])]
    step = EMPTY_REDUCTION
    limit = -(-np.array([width, height]) // step)  # the last cells may reach over the edge
    low = np.clip(np.floor((box[:2] - CROP_PADDING) / step), 0, limit - 1).astype(int)
    high = np.clip(np.ceil((box[2:] + CROP_PADDING) / step), low + 1, limit).astype(int)
    return int(low[0] * step), int(low[1] * step), int(high[0] * step), int(high[1] * step)
