import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.commands.common import Commands, add, workspace_of

if TYPE_CHECKING:
    from infra.local.journey.demo import Service, StagingRequest
    from infra.local.progress import Progress


DRAWN = "room.jpg"


def register(commands: Commands) -> None:
    parser = add(commands, "demo", "stage a photo end to end, all set-up included")
    parser.add_argument("--photo", type=Path, metavar="FILE", help="yours instead of the demo's")
    parser.add_argument("--style", metavar="S")
    parser.add_argument("--room-type", metavar="R")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument(
        "--base-url", metavar="URL", help="against this realstaging API, as the owner of $VITRINE_TOKEN"
    )
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.local.journey.demo import stage_photo
    from infra.local.progress import Progress

    progress = Progress()
    request = _request(options)
    progress.say(
        f"Photo: {request.photo}{'' if options.photo or request.photo.name != DRAWN else ' (a drawn room, no photo)'}"
    )
    service = _remote(options.base_url) if options.base_url else _local(options, progress)
    summary = stage_photo(request, service, options.out, progress)
    print(f"{options.out / 'index.html'}  before and after, scores, timeline: open it in a browser")
    print(f"{options.out / 'summary.json'}  integrity {summary['integrity']:.3f}, quality {summary['quality']:.3f}")
    if not options.base_url:
        print("Everything is still up: `vitrine status`, `vitrine down`.")
    return 0


def _local(options: argparse.Namespace, progress: "Progress") -> "Service":
    from infra.local.deployment import up
    from infra.local.journey.demo import Service

    deployment = up(workspace_of(options), progress)
    return Service(deployment.base_url("realstaging"), deployment.identity["issuer"])


def _remote(base_url: str) -> "Service":
    from infra.errors import CommandError
    from infra.local.journey.demo import Service

    token = os.environ.get("VITRINE_TOKEN")
    if not token:
        raise CommandError("Nobody says who calls.", "Put an access token of that API into VITRINE_TOKEN.")
    return Service(base_url.rstrip("/"), token=token)


def _request(options: argparse.Namespace) -> "StagingRequest":
    from infra.local.journey.demo import StagingRequest

    if options.photo:
        return StagingRequest(options.photo, options.style, options.room_type, options.seed)
    return StagingRequest(demo_photo(), options.style, options.room_type or "living_room", options.seed)


def demo_photo() -> Path:
    """The real photo next to the checkout (it may not be committed), else the drawn room, which is committed."""
    from infra.local.workspace import REPOSITORY

    real = REPOSITORY.parent / "shared" / "photos" / "living-room-empty.jpg"
    return real if real.exists() else REPOSITORY / "infra" / "local" / "demo" / "room.jpg"
