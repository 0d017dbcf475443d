import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.commands.common import Commands, add, workspace_of

if TYPE_CHECKING:
    from infra.local.journey.story import Wish


DRAWN = "room.jpg"


def register(commands: Commands) -> None:
    parser = add(commands, "demo", "stage a photo end to end, all set-up included")
    parser.add_argument("--photo", type=Path, metavar="FILE", help="yours instead of the demo's")
    parser.add_argument("--style", metavar="S")
    parser.add_argument("--room-type", metavar="R")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.local.deployment import up
    from infra.local.journey.story import Place, tell
    from infra.local.progress import Progress

    progress = Progress()
    wish = _wish(options)
    progress.say(
        f"Photo: {wish.photo}{'' if options.photo or wish.photo.name != DRAWN else ' (a drawn room, no photo)'}"
    )
    deployment = up(workspace_of(options), progress)
    place = Place(deployment.base_url("realstaging"), deployment.identity["issuer"])
    summary = tell(wish, place, options.out, progress)
    print(f"{options.out / summary['side_by_side']}  before and after")
    print(f"{options.out / 'summary.json'}  integrity {summary['integrity']:.3f}, quality {summary['quality']:.3f}")
    print("Everything is still up: `vitrine status`, `vitrine down`.")
    return 0


def _wish(options: argparse.Namespace) -> "Wish":
    from infra.local.journey.story import Wish

    if options.photo:
        return Wish(options.photo, options.style, options.room_type, options.seed)
    return Wish(demo_photo(), options.style, options.room_type or "living_room", options.seed)


def demo_photo() -> Path:
    """The real photo that lies beside a checkout of ours, which may not be committed; else the drawn room that is."""
    from infra.local.workspace import REPOSITORY

    real = REPOSITORY.parent / "shared" / "photos" / "living-room-empty.jpg"
    return real if real.exists() else REPOSITORY / "infra" / "local" / "demo" / "room.jpg"
