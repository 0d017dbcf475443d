"""Where a group is placed, and in which coordinates: `a` along the wall behind it, `d` out into the room.

See `placed.Frame`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.floorplan import MOST_HIDDEN, Floorplan
from functions.inference.engines.render.furnish.furnishings import Furnishing, Furnishings
from functions.inference.engines.render.furnish.placed import Frame, Placed, footprint_of
from functions.inference.engines.render.read.walls import WallSurvey
from vitrine.contracts.catalogue import RoomType

Rng = np.random.Generator
Spot = tuple[float, float, float]
"""Along the wall from the group's middle, out from it, and the turn against it."""

RUGS = ((3.0, 2.1), (2.7, 1.9), (2.3, 1.6), (1.9, 1.3))
LITTLE_HIDDEN = 0.18  # of the main piece, by a chair before it


@dataclass(frozen=True)
class Setting:
    """What a group needs: the plan so far, where it stands, what the home has, and the seed's chance.

    `survey` is the wall behind the group and `position` its middle along it; None when the group stands free.
    """

    plan: Floorplan
    frame: Frame
    survey: WallSurvey | None
    position: float
    made: Furnishings
    room_type: RoomType
    rng: Rng

    @property
    def far(self) -> int:
        """The side of the group that is further from the camera, for tall pieces."""
        one, other = (np.linalg.norm(self.frame.at(s * 1.6, 0.6)) for s in (1, -1))
        return 1 if one >= other else -1

    def put(self, piece: Furnishing, a: float, d: float, turn: float = 0.0) -> Placed:
        return self.plan.put(piece, self.frame.at(a, d), self.frame.turn + turn)

    def offer(
        self, piece: Furnishing, spots: Iterable[Spot], margin: float = rules.PIECE_GAP, hiding: float = MOST_HIDDEN
    ) -> bool:
        """Place a piece on the first spot where it fits."""
        for a, d, turn in spots:
            if self.covers_something(piece, a, d):
                continue
            if self.plan.fits(piece, self.frame.at(a, d), self.frame.turn + turn, margin, hiding):
                self.put(piece, a, d, turn)
                return True
        return False

    def shows_front(self, a: float, d: float, turn: float) -> bool:
        """Whether the camera would not look at the back of a piece there."""
        at = self.frame.at(a, d)
        front = self.frame.out * np.cos(turn) + self.frame.along * np.sin(turn)
        return bool(-at @ front > -0.1 * np.linalg.norm(at))

    def covers_something(self, piece: Furnishing, a: float, d: float) -> bool:
        """Whether a tall piece at the group's wall would stand before what is on it."""
        if self.survey is None or piece.height <= rules.TALL or d > piece.depth + 0.3:
            return False
        u = self.position + a * float(self.frame.along @ self.survey.wall.along)
        return self.survey.clear(u - piece.half, u + piece.half, 0.25, piece.height) < 0.85

    def both_ways(self, spots: Sequence[Spot], first: int) -> Iterator[Spot]:
        """Each spot on one side, then mirrored on the other."""
        for a, d, turn in spots:
            yield from ((k * a, d, k * turn) for k in (first, -first))

    def rug(self, back: float, sizes: Sequence[tuple[float, float]] = RUGS, a: float = 0.0) -> bool:
        """The largest rug that lies on bare floor inside the room, its back edge `back` from the wall."""
        for width, depth in sizes:
            piece, centre = self.made("rug", width, depth), self.frame.at(a, back + depth / 2)
            if self.plan.lies_free(footprint_of(piece.mesh, centre, self.frame.turn)[0]):
                self.plan.put(piece, centre, self.frame.turn, flat=True)
                return True
        return False


Group = Callable[[Setting], bool]
"""Places a group; answers whether the pieces that it cannot do without found their place."""


def facing(a: float, d: float, target: float) -> Spot:
    """A spot whose piece looks at the group's axis, `target` out from the wall."""
    return a, d, float(np.arctan2(-a, target - d))


def beside(piece: Furnishing, edge: float) -> list[Spot]:
    """Next to a main piece that ends at `edge`, backs aligned."""
    return [(edge + gap + piece.half, max(piece.back, 0.24), 0.0) for gap in (0.06, 0.12)]
