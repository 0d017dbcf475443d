"""`vitrine doctor`: whether an AWS account is ready for an environment, before the first deployment and after."""

import argparse

from infra.errors import CommandError
from infra.local.commands.common import Commands
from infra.operators import environment

MARKS = {True: "ok ", False: "NO ", None: "?  "}


def register(commands: Commands) -> None:
    about = "whether an AWS account is ready: quotas, bootstrap, image, identity provider, secrets"
    parser: argparse.ArgumentParser = commands.add_parser("doctor", help=about, description=about)
    parser.add_argument("--environment", required=True, choices=["dev", "prod"])
    environment.add_account(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """1 where something is not ready or could not be looked at."""
    from infra.operators.readiness import Account, examine, fetch
    from infra.settings import SettingsError, settings_for

    try:
        settings = settings_for(options.environment, {})
    except SettingsError as error:
        raise CommandError(str(error), "See infra/README.md, Deploying to AWS.") from None
    cloud = environment.session_of(options)
    bad = 0
    for finding in examine(Account(cloud, settings, fetch), _most_routes(), settings.reserved_at_once):
        print(f"{MARKS[finding.ok]} {finding.name}: {finding.says}")
        bad += finding.ok is not True
    return 1 if bad else 0


def _most_routes() -> int:
    """Of the largest API: one for each path, and the one for paths that nobody knows."""
    from functions.surfaces import SURFACES
    from infra.documents import load, operations

    return max(len({route.path for route in operations(load(surface))}) for surface in SURFACES) + 1
