"""The group of a bathroom."""

from functions.inference.engines.render.furnish.groups.placing import against
from functions.inference.engines.render.furnish.groups.setting import Setting


def bath_corner(s: Setting) -> bool:
    """A stool with towels at the wall, a mat, a plant: nothing that touches what is built in."""
    stool = s.made("towel_stool")
    s.put(stool, 0, stool.back)
    s.rug(stool.depth + 0.15, ((1.1, 0.7), (0.9, 0.6), (0.7, 0.5)))
    for height in (0.95, 0.8):
        piece = s.made("plant", height)
        if s.offer(piece, s.both_ways([(stool.half + piece.half + 0.08, piece.back, 0.0)], s.far)) or against(s, piece):
            break
    return True
