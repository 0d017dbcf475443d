"""The group of a nursery."""

from functions.inference.engines.render.furnish.groups.placing import against, corner_chair, pictures, plant
from functions.inference.engines.render.furnish.groups.setting import LITTLE_HIDDEN, Setting, beside, facing


def cot_group(s: Setting) -> bool:
    """A cot, drawers, a chair to feed in."""
    cot = s.made("cot")
    s.put(cot, 0, cot.back)
    s.rug(cot.depth + 0.1, ((2.2, 1.6), (1.8, 1.3), (1.4, 1.0)))
    drawers, chair = s.made("dresser"), s.made("armchair")
    _ = s.offer(drawers, [(s.far * a, d, turn) for a, d, turn in beside(drawers, cot.half + 0.15)]) or against(
        s, drawers
    )
    spots = [facing(cot.half + 0.5, cot.depth + 0.7, cot.depth), facing(cot.half + 0.2, cot.depth + 1.0, 0.4)]
    _ = s.offer(chair, s.both_ways(spots, s.far), 0.1, LITTLE_HIDDEN) or corner_chair(s)
    s.offer(s.made("pouf"), [(0.3, cot.depth + 0.7, 0.0), (-0.4, cot.depth + 0.7, 0.0)], hiding=1.0)
    pictures(s, cot.height, (0.6, 0.5))
    plant(s, list(s.both_ways([(cot.half + 0.4, 0.4, 0.0)], -s.far)))
    return True
