"""Groups of an entry hall."""

from functions.inference.engines.render.furnish.groups.placing import against, hang, pictures, plant
from functions.inference.engines.render.furnish.groups.setting import Setting, beside


def hall(s: Setting) -> bool:
    return _hall(s, 1.2)


def small_hall(s: Setting) -> bool:
    return _hall(s, 0.8)


def _hall(s: Setting, width: float) -> bool:
    """A console with a picture over it, a runner before it."""
    console, pouf = s.made("console", width), s.made("pouf")
    s.put(console, 0, console.back)
    s.rug(console.depth + 0.2, ((2.0, 0.8), (1.6, 0.7), (1.2, 0.6)))
    mirror = s.made("mirror", 0.7, 0.95)
    hung = s.rng.random() < 0.6 and s.survey is not None and hang(s, s.survey, mirror, s.position, 0.75)
    _ = hung or pictures(s, console.height - 0.35, (0.75, 0.5))
    bench = s.made("bench", 1.0)
    if not (width > 1 and s.rng.random() < 0.5 and against(s, bench)):
        s.offer(pouf, s.both_ways(beside(pouf, console.half + 0.08), -s.far))
    plant(s, list(s.both_ways([(console.half + 0.45, 0.36, 0.0)], s.far)))
    return True
