import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from infra.local.commands.common import Commands, add, workspace_of

if TYPE_CHECKING:
    from infra.local.deployment import Deployment
    from infra.local.workspace import Workspace


ROLES = ("device", "operator", "reviewer", "admin")


def register(commands: Commands) -> None:
    parser = add(commands, "token", "print what a local user signs in with: an access token or an API key")
    parser.add_argument("surface", metavar="SURFACE")
    parser.add_argument("--as", dest="name", default="demo", metavar="NAME", help="another name is another account")
    parser.add_argument(
        "--role", default="admin", choices=ROLES, help="imaging360: what it may do in the demo organisation"
    )
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
    print(CREDENTIALS[callers.credential](workspace, deployment, options))
    return 0


def _access_token(_: "Workspace", deployment: "Deployment", options: argparse.Namespace) -> str:
    from infra.local.identity.client import sign_in

    return sign_in(deployment.identity["issuer"], options.name).access_token


def _api_key(workspace: "Workspace", _: "Deployment", options: argparse.Namespace) -> str:
    from infra.local.api_keys import key_of

    return key_of(workspace, options.name)


def _user_token(workspace: "Workspace", _: "Deployment", options: argparse.Namespace) -> str:
    from infra.local.organisations import token_of

    return token_of(workspace, options.name, options.role)


CREDENTIALS: Mapping[str, Callable[["Workspace", "Deployment", argparse.Namespace], str]] = {
    "access token": _access_token,
    "api key": _api_key,
    "user token": _user_token,
}
"""By what a surface says that its callers bring (`functions/SURFACE/surface.py`)."""
