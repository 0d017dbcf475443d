import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.commands.common import Commands, add, workspace_of

if TYPE_CHECKING:
    from infra.local.deployment import Deployment
    from infra.local.journey.demo import Service, StagingRequest
    from infra.local.progress import Progress
    from infra.local.spin.demo import Service as SpinService
    from infra.local.workspace import Workspace


DRAWN = "room.jpg"
KEPT_FRAMES = Path(__file__).parents[1] / "spin" / "frames"
"""What `vitrine spin --size 960x640 --seed 3` renders, kept so that the demo need not wait for it."""
REVIEWER = "demo"


def register(commands: Commands) -> None:
    parser = add(commands, "demo", "stage a photo end to end, all set-up included")
    parser.add_argument("--photo", type=Path, metavar="FILE", help="yours instead of the demo's")
    parser.add_argument("--style", metavar="S")
    parser.add_argument("--room-type", metavar="R")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument(
        "--base-url", metavar="URL", help="against this realstaging API, as the owner of $VITRINE_TOKEN"
    )
    parser.add_argument("--spin", action="store_true", help="a car from all sides instead, four of its frames spoilt")
    parser.add_argument(
        "--frames",
        type=Path,
        metavar="DIR",
        help="with --spin: 24 frames that `vitrine spin` rendered, not the kept ones",
    )
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    return _spin(options) if options.spin else _photo(options)


def _photo(options: argparse.Namespace) -> int:
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


def _spin(options: argparse.Namespace) -> int:
    from infra.local.deployment import up
    from infra.local.progress import Progress
    from infra.local.spin.demo import show_spin

    progress, workspace = Progress(), workspace_of(options)
    frames = sorted((options.frames or KEPT_FRAMES).glob("*.jpg"))
    deployment = up(workspace, progress)
    summary = show_spin(frames, _imaging360(workspace, deployment), options.out, progress)
    print(f"{options.out / 'index.html'}  the spin, and what the checks say of each frame: open it in a browser")
    print(f"{options.out / 'summary.json'}  made {summary['made']}, named {summary['named']}")
    print("Everything is still up: `vitrine status`, `vitrine down`.")
    return 0 if summary["named_exactly"] else 1


def _imaging360(workspace: "Workspace", deployment: "Deployment") -> "SpinService":
    from infra.local.identity.client import sign_in
    from infra.local.organisations import open_demo
    from infra.local.spin.demo import Service as SpinService

    org_id = open_demo(workspace)
    id_token = sign_in(deployment.identity["issuer"], REVIEWER).id_token
    return SpinService(deployment.base_url("imaging360"), org_id, id_token)


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
