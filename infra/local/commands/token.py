import argparse

from infra.local.commands.common import Commands, add, workspace_of


def register(commands: Commands) -> None:
    parser = add(commands, "token", "print a bearer token of a local user; for stagecraft, an API key")
    parser.add_argument("surface", metavar="SURFACE")
    parser.add_argument("--as", dest="name", default="demo", metavar="NAME", help="another name is another account")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.local.deployment import describe
    from infra.local.identity.client import sign_in

    workspace = workspace_of(options)
    deployment = describe(workspace)
    deployment.base_url(options.surface)
    if options.surface == "stagecraft":
        from infra.local.api_keys import key_of

        print(key_of(workspace, options.name))
    else:
        print(sign_in(deployment.identity["issuer"], options.name).access_token)
    return 0
