import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from infra.local.commands.common import Commands, add, workspace_of

if TYPE_CHECKING:
    from infra.local.deployment import Deployment
    from infra.local.workspace import Workspace


def register(commands: Commands) -> None:
    parser = add(commands, "token", "print what a local user signs in with: an access token or an API key")
    parser.add_argument("surface", metavar="SURFACE")
    parser.add_argument("--as", dest="name", default="demo", metavar="NAME", help="another name is another account")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from functions.surfaces import BY_NAME
    from infra.errors import CommandError
    from infra.local.deployment import describe

    workspace = workspace_of(options)
    deployment = describe(workspace)
    deployment.base_url(options.surface)
    callers = BY_NAME[options.surface].callers
    if callers is None:
        raise CommandError(f"Nobody signs in to {options.surface}.", "Call it without a token.")
    print(CREDENTIALS[callers.credential](workspace, deployment, options.name))
    return 0


def _access_token(_: "Workspace", deployment: "Deployment", name: str) -> str:
    from infra.local.identity.client import sign_in

    return sign_in(deployment.identity["issuer"], name).access_token


def _api_key(workspace: "Workspace", _: "Deployment", name: str) -> str:
    from infra.local.api_keys import key_of

    return key_of(workspace, name)


CREDENTIALS: Mapping[str, Callable[["Workspace", "Deployment", str], str]] = {
    "access token": _access_token,
    "api key": _api_key,
}
"""By what a surface says that its callers bring (`functions/SURFACE/surface.py`)."""
