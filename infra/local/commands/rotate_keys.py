import argparse

from infra.local.commands.common import Commands, add, workspace_of


def register(commands: Commands) -> None:
    parser = add(commands, "rotate-keys", "make the identity provider sign with a new key; older tokens stay valid")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.local.identity.keys import rotate
    from infra.local.programs import identity_keys

    print(rotate(identity_keys(workspace_of(options))))
    return 0
