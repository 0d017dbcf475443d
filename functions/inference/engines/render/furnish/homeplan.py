"""What one home is furnished with, shared by all its photos."""

import zlib
from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish.styles import STYLES
from functions.inference.engines.render.furnish.styles.choices import chosen, variant_of
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from vitrine.contracts.catalogue import Style


@dataclass(frozen=True)
class HomePlan:
    """The designs, palette and textiles of one home: `style` with every choice made by `seed`."""

    name: Style
    style: StyleSpec
    seed: int

    @classmethod
    def of(cls, name: Style, seed: int) -> "HomePlan":
        return cls(name, chosen(STYLES[name], seed), seed)

    def rng(self, piece: str) -> np.random.Generator:
        """A piece's own chance, so that it comes out alike in every room and photo, whatever else stands there."""
        return np.random.default_rng([self.seed, zlib.crc32(piece.encode())])

    def variant(self, piece: str) -> str:
        return f"{self.name}/{variant_of(self.style, piece)}"
