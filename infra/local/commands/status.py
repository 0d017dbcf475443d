import argparse
import json

from infra.local.commands.common import Commands, add, workspace_of


def register(commands: Commands) -> None:
    parser = add(commands, "status", "say what runs and where it answers; exit status 1 unless all of it does")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.local.deployment import describe

    deployment = describe(workspace_of(options))
    if options.json:
        print(json.dumps(deployment.described(), indent=2))
    else:
        _print(deployment.described())
    return 0 if deployment.healthy else 1


def _print(described: dict[str, object]) -> None:
    for section in ("parts", "surfaces", "pages"):
        for name, value in dict(described[section]).items():  # type: ignore[call-overload]  # all are mappings
            print(f"{name:12} {'answers' if value is True else value or 'does not answer'}")
