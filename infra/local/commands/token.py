import argparse

from infra.local.commands.common import Commands, add, workspace_of


def register(commands: Commands) -> None:
    parser = add(commands, "token", "print a bearer token of a local user")
    parser.add_argument("surface", metavar="SURFACE")
    parser.add_argument("--as", dest="name", default="demo", metavar="NAME", help="another name is another account")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.local.deployment import describe
    from infra.local.identity.client import sign_in

    deployment = describe(workspace_of(options))
    deployment.base_url(options.surface)
    print(sign_in(deployment.identity["issuer"], options.name).access_token)
    return 0
