import argparse

from infra.local.commands.common import Commands, add, workspace_of


def register(commands: Commands) -> None:
    parser = add(commands, "down", "stop everything that `up` started; data stays for the next `up`")
    parser.add_argument("--forget", action="store_true", help="delete the data too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.local.deployment import down

    ended = down(workspace_of(options), options.forget)
    print(f"Stopped: {', '.join(ended)}." if ended else "Nothing was running.")
    return 0
