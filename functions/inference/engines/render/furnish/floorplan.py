"""Whether a piece may stand somewhere: free of others and of doors, on bare floor, well seen, with ways to walk."""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.furnishings import Furnishing
from functions.inference.engines.render.furnish.ground import Ground
from functions.inference.engines.render.furnish.placed import Placed, upright_box
from functions.inference.engines.render.furnish.polygons import area_of, overlap, shared
from functions.inference.engines.render.furnish.ways import walkable
from functions.inference.vision.arrays import Floats

MOST_OF_FOOTPRINT = 0.8
MOST_SEEN, PARTLY_SEEN = 0.85, 0.7  # of a footprint that the frame clips: beside the group, before it
MOST_HIDDEN = 0.3  # of a piece behind, by their boxes on the screen
WIDEST_SHARE, TALLEST_SHARE = 0.5, 0.72  # of the frame, for anything but the group's main piece


@dataclass
class Floorplan:
    """The pieces placed so far, and whether another one fits."""

    ground: Ground
    placed: list[Placed] = field(default_factory=list)
    _boxes: dict[Placed, Floats] = field(default_factory=dict)

    @property
    def standing(self) -> list[Placed]:
        return [piece for piece in self.placed if piece.stands]

    def stands_free(self, footprint: Floats, margin: float = rules.PIECE_GAP) -> bool:
        """In the room, clear of doors and obstacles, and of what stands there already."""
        if not self.ground.contains(footprint) or not self.ground.blocks_nothing(footprint):
            return False
        return not any(overlap(footprint, piece.footprint, margin) for piece in self.standing)

    def sound(self) -> bool:
        """Whether everything that was placed without asking stands free all the same."""
        standing = self.standing
        ground = self.ground
        if not all(ground.contains(p.footprint) and ground.blocks_nothing(p.footprint) for p in standing):
            return False
        if any(ground.behind_obstacle(p.footprint, p.height) for p in self.placed):
            return False
        return not any(overlap(a.footprint, b.footprint) for a, b in combinations(standing, 2))

    def on_bare_floor(self, footprint: Floats) -> bool:
        return self.ground.floor_share(footprint) >= MOST_OF_FOOTPRINT

    def lies_free(self, footprint: Floats) -> bool:
        """For rugs: in the room and on bare floor; doors may open over it."""
        clear = not any(overlap(footprint, obstacle) for obstacle in self.ground.obstacles)
        clear = clear and not self.ground.behind_obstacle(footprint, 0.0)
        return clear and self.ground.contains(footprint) and self.on_bare_floor(footprint)

    def well_seen(self, footprint: Floats, height: float, hiding: float = MOST_HIDDEN) -> bool:
        """In view, not at the camera's nose, before no glass when tall, and not hiding the group behind it.

        `hiding` is the share of another piece that it may hide: 1 for what belongs before one, such as a table, which
        the frame's lower edge may cut, too.
        """
        least = PARTLY_SEEN if hiding >= 1 else MOST_SEEN
        if np.linalg.norm(footprint, axis=1).min() < rules.NEAREST or self.ground.seen_share(footprint) < least:
            return False
        box = self.ground.screen_box(footprint, height)
        if (
            box[2] - box[0] > WIDEST_SHARE
            or box[3] - box[1] > TALLEST_SHARE
            or (hiding < 1 and self.cut_off(footprint))
        ):
            return False
        if height > rules.TALL and self._before_glass(box):
            return False
        distance = float(np.linalg.norm(footprint.mean(0)))
        return hiding >= 1 or not any(self._hides(box, distance, p, hiding) for p in self.placed if not p.flat)

    def _before_glass(self, box: Floats) -> bool:
        """Whether a tall piece would be seen before a window or an opening."""
        return any(shared(box, pane) > 0.3 * min(area_of(box), area_of(pane)) for pane in self.ground.pane_boxes)

    def cut_off(self, footprint: Floats) -> bool:
        """Whether the frame's lower edge would cut through a piece's foot."""
        room = self.ground.room
        pixels, depth = room.project(np.c_[footprint, np.zeros(len(footprint))])
        return bool((depth < 0.1).any() or (pixels[:, 1] > 0.995 * room.camera.height).any())

    def _hides(self, box: Floats, distance: float, other: Placed, most: float) -> bool:
        if distance >= float(np.linalg.norm(other.centre)):
            return False
        theirs = self._box_of(other)
        return shared(box, theirs) > most * area_of(theirs)

    def _box_of(self, piece: Placed) -> Floats:
        if piece not in self._boxes:
            self._boxes[piece] = self.ground.screen_box(piece.footprint, piece.height, piece.z)
        return self._boxes[piece]

    def fits(self, piece: Furnishing, centre: Floats, turn: float, margin: float, hiding: float = MOST_HIDDEN) -> bool:
        footprint, height = upright_box(*piece.bounds, centre, turn)
        free = self.stands_free(footprint, margin) and self.on_bare_floor(footprint)
        free = free and not self.ground.behind_obstacle(footprint, height)
        return free and self.well_seen(footprint, height, hiding)

    def put(
        self,
        piece: Furnishing,
        centre: Floats,
        turn: float,
        z: float = 0.0,
        flat: bool = False,
        on_wall: bool = False,
    ) -> Placed:
        """Place a piece without asking."""
        footprint, height = upright_box(*piece.bounds, centre, turn)
        placed = Placed(piece.name, piece.mesh, centre, footprint, z + height, turn, z, flat, on_wall, piece.variant)
        self.placed.append(placed)
        return placed

    def walkable(self) -> bool:
        """Whether one can walk from the camera's side of the room to every opening."""
        return walkable(self.ground, [piece.footprint for piece in self.standing])
