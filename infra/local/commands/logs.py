import argparse
import sys
from collections.abc import Iterator

from infra.local.commands.common import Commands, add, workspace_of

FILES = ("emulator", "endpoint", "identity", "cdk")
FUNCTIONS = "functions"
PARTS = (*FILES, FUNCTIONS)


def register(commands: Commands) -> None:
    parser = add(commands, "logs", "show the last log lines of the parts and the functions")
    parser.add_argument("part", nargs="*", help=f"some of {', '.join(PARTS)}; all without")
    parser.add_argument("-n", "--lines", type=int, default=20, metavar="N")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from infra.errors import CommandError

    parts = options.part or PARTS
    if unknown := set(parts) - set(PARTS):
        raise CommandError(
            f"There is no part {', '.join(sorted(unknown))}.", f"Parts: {', '.join((*FILES, FUNCTIONS))}."
        )
    for part in parts:
        print(f"==> {part} <==")
        sys.stdout.writelines(f"{line}\n" for line in _lines(options, part))
    return 0


def _lines(options: argparse.Namespace, part: str) -> Iterator[str]:
    from infra.local import processes

    workspace = workspace_of(options)
    if part == FUNCTIONS:
        yield from _function_lines(workspace.load().ports.get("emulator", 0), options.lines)
    else:
        yield from processes.tail(processes.log_file(workspace, part), options.lines).splitlines()


def _function_lines(port: int, lines: int) -> list[str]:
    """The newest lines of all log groups together, oldest first."""
    from infra.local import emulator

    if not emulator.is_ready(port):
        return ["(the emulator does not run)"]
    client = emulator.client("logs", port)
    groups = [group["logGroupName"] for group in client.describe_log_groups()["logGroups"]]
    found = [
        (event["timestamp"], group.rpartition("/")[2], event["message"].rstrip())
        for group in groups
        for event in client.filter_log_events(logGroupName=group)["events"]
        if not event["message"].startswith(("START ", "END ", "REPORT "))
    ]
    return [f"{group}: {message}" for _, group, message in sorted(found)[-lines:]]
