"""What a group needs to be considered for a room."""

from dataclasses import dataclass

from functions.inference.engines.render.furnish.groups.setting import Group


@dataclass(frozen=True)
class GroupSpec:
    """A group that may furnish a room, in metres: its main piece, the floor it wants, and where it may stand.

    `back_height` is how high the wall behind must be plain; None lets pieces stand in the open, with `around` free
    beside and before the main piece. `bonus` adds to the score of every layout of the group. `rank` above 0 is for what
    is done only where no group of a lower rank fits; `lacks` says what is then missing.
    """

    group: Group
    main: tuple[float, float]
    area: tuple[float, float]
    back_height: float | None
    bonus: float = 0.0
    around: tuple[float, float] = (0.0, 0.0)
    rank: int = 0
    lacks: str = ""

    @property
    def name(self) -> str:
        return self.group.__name__
