import argparse
import time

from infra.local.commands.common import Commands, add, workspace_of


def register(commands: Commands) -> None:
    parser = add(commands, "up", "start what does not run, deploy what has changed, and leave it running")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.local import organisations
    from infra.local.deployment import up
    from infra.local.progress import Progress

    began = time.monotonic()
    workspace = workspace_of(options)
    deployment = up(workspace, Progress())
    for name, surface in deployment.surfaces.items():
        print(f"{name}  {surface['base_url']}")
    for name, address in deployment.pages.items():
        print(f"{name}  {address}")
    print(f"imaging360's {organisations.NAME}  {organisations.open_demo(workspace)} (sign in as demo)")
    print(
        f"Up after {time.monotonic() - began:.1f} s. `vitrine token SURFACE` prints a token; `vitrine down` stops it."
    )
    return 0
