"""`vitrine maintenance`: take no new work for a while, without a deploy."""

import argparse

from infra.local.commands.common import Commands
from infra.operators import environment

MESSAGE = "We are at work on the service and take no photos for a moment. Please try again in a few minutes."


def register(commands: Commands) -> None:
    maintenance: argparse.ArgumentParser = commands.add_parser(
        "maintenance", help="take no new work for a while, on all surfaces: on, off, status"
    )
    actions = maintenance.add_subparsers(required=True, metavar="ACTION")
    on = environment.register(actions, "on", "answer 503 to whoever sends work; what is queued goes on")
    on.add_argument("--message", default=MESSAGE, help="what clients read in the answer")
    on.set_defaults(run=run_on)
    environment.register(actions, "off", "take work again").set_defaults(run=run_off)
    environment.register(actions, "status", "say whether work is taken").set_defaults(run=run_status)


def run_on(options: argparse.Namespace) -> int:
    environment.enter(options)
    from vitrine.kernel import operations
    from vitrine.kernel.clock import utc_now

    operations.begin_maintenance(options.message, utc_now())
    return _say()


def run_off(options: argparse.Namespace) -> int:
    environment.enter(options)
    from vitrine.kernel import operations

    operations.end_maintenance()
    return _say()


def run_status(options: argparse.Namespace) -> int:
    environment.enter(options)
    return _say()


def _say() -> int:
    from vitrine.kernel import operations

    found = operations.health().maintenance
    within = f"within {operations.LOOK_EVERY.total_seconds():.0f} s everywhere"
    print(f"on since {found.since:%Y-%m-%d %H:%M} UTC: {found.message}" if found else f"off ({within})")
    return 0
