import argparse
import json
import urllib.request
from datetime import UTC, datetime
from typing import Any

from infra.local.commands.common import Commands, add, workspace_of


def register(commands: Commands) -> None:
    parser = add(commands, "mail", "show the mail that was sent here; nothing of it has left this machine")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    found = sent(workspace_of(options).load().ports.get("emulator", 0))
    print(json.dumps(found, indent=2) if options.json else "\n".join(map(_shown, found)) or "No mail was sent yet.")
    return 0


def sent(port: int) -> list[dict[str, Any]]:
    """What SES of the emulator took, the oldest first. Raises `CommandError` when the emulator does not run."""
    from infra.errors import CommandError
    from infra.local import emulator

    if not emulator.is_ready(port):
        raise CommandError("The emulator does not run.", "Start it: vitrine up")
    with urllib.request.urlopen(f"{emulator.url(port)}/_ministack/ses/messages", timeout=10) as answer:  # noqa: S310
        messages = json.load(answer)["messages"].get(emulator.ACCOUNT, [])
    return [
        {
            "at": datetime.fromtimestamp(message["Timestamp"], UTC).isoformat(timespec="seconds"),
            "from": message["Source"],
            "to": message["To"],
            "subject": message["Subject"],
            "text": message["BodyText"],
        }
        for message in messages
    ]


def _shown(mail: dict[str, Any]) -> str:
    head = f"{mail['at']}  from {mail['from']} to {', '.join(mail['to'])}"
    return f"{head}\nSubject: {mail['subject']}\n\n{mail['text']}"
