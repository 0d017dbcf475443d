"""What makes one body different from another, as data.

Metres; x runs forward, y to the car's left, z up from the ground; x 0 lies about midway between the axles.
"""

from dataclasses import dataclass, field

from functions.inference.engines.render.vehicles.curves import Outline


@dataclass(frozen=True)
class Wheels:
    front_x: float
    rear_x: float
    radius: float
    width: float = 0.22
    track: float = 0.775  # from the middle plane to a wheel's middle
    arch: float = 0.05  # gap between tyre and arch
    spokes: int = 5


@dataclass(frozen=True)
class Glazing:
    """Outlines of the windows: sides in (x, z); windscreen and rear window by heights and distance from the side."""

    side: Outline
    pillars: tuple[tuple[float, float, float], ...]  # x at the belt, x at the roof, width
    screen: tuple[float, float]  # lowest and highest z
    rear: tuple[float, float]
    screen_side: float = 0.075
    rear_side: float = 0.10


@dataclass(frozen=True)
class Lamps:
    """Outlines in (metres around the corner, z), see `panels.around`; one side, the other is its mirror image."""

    head: Outline
    tail: Outline
    day: Outline
    brake: Outline
    fog: Outline
    grille: Outline
    intake: Outline
    skirt: Outline  # the unpainted part of the rear bumper
    grille_bars: int = 5


@dataclass(frozen=True)
class Badges:
    maker: str = "VITRINE"
    left: str = "corva"
    right: str = "2.0 T"


@dataclass(frozen=True)
class BodySpec:
    """`silhouette` and `cabin` are closed outlines in (x, z), seen from the left."""

    name: str
    silhouette: Outline
    cabin: Outline
    half_width: Outline  # of the plan, by x
    section: Outline  # how far the side stands in, by z
    cabin_width: Outline  # half width of the cabin, by z
    cabin_plan: Outline  # how far the cabin stands in, by x
    crease: Outline  # height of the shoulder, by x
    wheels: Wheels
    glazing: Glazing
    lamps: Lamps
    doors: tuple[Outline, ...]  # outlines in (x, z)
    side_seams: tuple[tuple[tuple[float, float], tuple[float, float]], ...]  # straight lines in (x, z)
    handles: tuple[tuple[float, float], ...]
    flap: tuple[float, float]
    bonnet: Outline  # in (x, |y|), from above
    tailgate: Outline  # in (|y|, z), from behind
    plate_front_z: float
    plate_rear_z: float
    mirror: tuple[float, float]
    cladding: float | None = None  # black plastic below this height, and around the arches
    rails: bool = False
    nose_sweep: float = 0.30
    tail_sweep: float = 0.24
    badges: Badges = field(default_factory=Badges)
    seat_rows: tuple[float, ...] = (0.05, -0.85)
    belt: float = 1.0
