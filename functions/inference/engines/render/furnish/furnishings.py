"""The pieces of one home by name and size, built when first asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from functions.inference.engines.render.furnish.homeplan import HomePlan
from functions.inference.engines.render.furnish.meshes import beds, decor, seating, storage, tables
from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.vision.arrays import Floats

Rng = np.random.Generator
Maker = Callable[..., Mesh]


def _towel_stool(style: StyleSpec, rng: Rng) -> Mesh:
    return seating.stool(style, 0.45).put(decor.throw(0.3, int(rng.integers(1 << 30))), (0, 0, 0.48))


def _media(style: StyleSpec, rng: Rng, width: float) -> Mesh:
    return storage.sideboard(style, rng, width, 0.52)


MAKERS: dict[str, Maker] = {
    "sofa": seating.sofa,
    "loveseat": seating.sofa,
    "armchair": seating.armchair,
    "bench": seating.bench,
    "pouf": lambda _, rng: seating.pouf(rng),
    "towel_stool": _towel_stool,
    "office_chair": lambda _style, _rng: seating.office_chair(),
    "coffee_table": tables.coffee_table,
    "side_table": lambda style, _: tables.side_table(style),
    "dining_set": tables.dining_set,
    "desk": tables.desk,
    "sideboard": storage.sideboard,
    "media_console": _media,
    "console": storage.console,
    "nightstand": lambda style, _: storage.nightstand(style),
    "dresser": storage.dresser,
    "bookcase": storage.bookcase,
    "bed": beds.bed,
    "cot": beds.cot,
    "plant": decor.plant,
    "floor_lamp": lambda style, _: decor.floor_lamp(style),
    "pendant": lambda style, _, drop: decor.pendant(style, drop),
    "rug": lambda _style, _rng, width, depth: decor.rug(width, depth),
    "mirror": lambda style, _, width, height: decor.mirror(style, width, height),
    "picture": lambda style, _, width, height, material: decor.picture(style, width, height, material),
}


@dataclass(frozen=True)
class Furnishing:
    """A piece before it is placed: what it is called, its design, and its mesh standing at the origin."""

    name: str
    variant: str
    mesh: Mesh

    @cached_property
    def bounds(self) -> tuple[Floats, Floats]:
        return self.mesh.bounds()

    @property
    def half(self) -> float:
        """Half the width, the wider side of an uneven piece."""
        low, high = self.bounds
        return float(max(-low[0], high[0]))

    @property
    def back(self) -> float:
        """From the origin to the piece's back."""
        return float(self.bounds[1][1])

    @property
    def depth(self) -> float:
        low, high = self.bounds
        return float(high[1] - low[1])

    @property
    def height(self) -> float:
        return float(self.bounds[1][2])


class Furnishings:
    """What a home has: the same name and size is the same piece, in every photo of the home."""

    def __init__(self, home: HomePlan) -> None:
        self.home = home
        self._made: dict[tuple[object, ...], Furnishing] = {}

    def __call__(self, name: str, *size: float | int | str) -> Furnishing:
        """Raises KeyError for a piece that no maker makes."""
        if (name, *size) not in self._made:
            mesh = MAKERS[name](self.home.style, self.home.rng(name), *size)
            self._made[name, *size] = Furnishing(name, self.home.variant(name), mesh)
        return self._made[name, *size]


@lru_cache(maxsize=4)
def furnishings_of(home: HomePlan) -> Furnishings:
    """Kept for the next photo of the same home."""
    return Furnishings(home)
