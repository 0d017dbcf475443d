"""`vitrine dlq`: look into dead-letter queues, and send again or drop what lies there."""

import argparse
import json
from collections.abc import Callable
from typing import Any

from infra.errors import CommandError
from infra.local.commands.common import Commands
from infra.operators import environment
from infra.operators.dead_letters import CannotResend, Letter, Queue, letters, queues, resend

LOOK_S = 30
"""How long a message that is only shown stays hidden from others, who then find it again."""
WORK_S = 300


def register(commands: Commands) -> None:
    dlq: argparse.ArgumentParser = commands.add_parser("dlq", help="dead-letter queues: list, show, redrive, drop")
    actions = dlq.add_subparsers(required=True, metavar="ACTION")
    listed = environment.register(actions, "list", "all dead-letter queues, and how many messages each holds")
    listed.set_defaults(run=run_list)
    for name, about, run in (
        ("show", "what lies in a queue: whose it is, since when, and what went wrong", run_show),
        ("redrive", "send messages again to whom they were meant for, and take them out of the queue", run_redrive),
        ("drop", "take messages out of a queue for good", run_drop),
    ):
        parser = environment.register(actions, name, about)
        parser.add_argument("queue", metavar="QUEUE", help="STACK/NAME, as `vitrine dlq list` shows it")
        parser.add_argument("--message", metavar="ID", help="only this message")
        if name == "show":
            parser.add_argument("--body", action="store_true", help="print whole messages; they may name customers")
        if name == "drop":
            parser.add_argument("--all", action="store_true", help="every message of the queue")
        parser.set_defaults(run=run)


def run_list(options: argparse.Namespace) -> int:
    environment.enter(options)
    for queue in sorted(queues(_cloud(), options.environment), key=lambda queue: (-queue.messages, queue.name)):
        print(f"{queue.messages:6} {queue.name}")
    return 0


def run_show(options: argparse.Namespace) -> int:
    queue, cloud = _open(options)
    for letter in _asked(options, cloud.client("sqs"), queue, LOOK_S):
        print(f"{letter.id}  {letter.sent_at:%Y-%m-%d %H:%M:%S} UTC  by {letter.source}")
        print(f"    for {letter.target or 'nobody that it names'}\n    {letter.error or 'no error is said'}")
        if options.body:
            print(json.dumps(letter.body, indent=2))
    return 0


def run_redrive(options: argparse.Namespace) -> int:
    return _empty(options, resend, "sent again")


def run_drop(options: argparse.Namespace) -> int:
    if not (options.message or options.all):
        raise CommandError("Say which message to drop.", "Give --message ID, or --all for the whole queue.")
    return _empty(options, lambda _cloud, _letter: None, "dropped")


def _empty(options: argparse.Namespace, act: Callable[[Any, Letter], None], done: str) -> int:
    """A message leaves the queue once `act` is through with it: one that failed again stays."""
    queue, cloud = _open(options)
    sqs = cloud.client("sqs")
    well = failed = 0
    for letter in _asked(options, sqs, queue, WORK_S):
        try:
            act(cloud, letter)
        except CannotResend as error:
            failed += 1
            print(f"{letter.id} stays: {error}")
            continue
        sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=letter.receipt)
        well += 1
    print(f"{well} {done}, {failed} stay")
    return 1 if failed else 0


def _asked(options: argparse.Namespace, sqs: Any, queue: Queue, hidden_s: int) -> list[Letter]:
    found = list(letters(sqs, queue, hidden_s=hidden_s))
    if options.message is None:
        return found
    asked = [letter for letter in found if letter.id == options.message]
    if not asked:
        raise CommandError(
            f"{queue.name} shows no message {options.message}.", f"One that was just shown is hidden for {LOOK_S} s."
        )
    return asked


def _open(options: argparse.Namespace) -> tuple[Queue, Any]:
    environment.enter(options)
    cloud = _cloud()
    found = [queue for queue in queues(cloud, options.environment) if queue.name == options.queue]
    if not found:
        raise CommandError(f"There is no queue {options.queue}.", "See `vitrine dlq list`.")
    return found[0], cloud


def _cloud() -> Any:
    import boto3

    return boto3.session.Session()
