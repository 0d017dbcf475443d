"""`vitrine account`: what the API does not do for accounts of stagecraft. Works on the emulator and on AWS alike."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from infra.errors import CommandError
from infra.local.commands.common import Commands
from infra.operators import environment

if TYPE_CHECKING:
    from vitrine.identity.accounts.models import Account, User
    from vitrine.kernel.call import Call


def register(commands: Commands) -> None:
    account: argparse.ArgumentParser = commands.add_parser(
        "account", help="accounts of stagecraft: create, show, set-plan, issue-key"
    )
    actions = account.add_subparsers(required=True, metavar="ACTION")
    create = environment.register(actions, "create", "open an account; prints its first API key, this once")
    create.add_argument("--email", required=True)
    create.add_argument("--plan", default="trial")
    create.add_argument("--name")
    create.add_argument("--company")
    create.set_defaults(run=run_create)
    show = environment.register(actions, "show", "print an account, its usage and its keys as JSON")
    set_plan = environment.register(actions, "set-plan", "change an account's plan; its keys follow at once")
    set_plan.add_argument("--plan", required=True)
    issue_key = environment.register(actions, "issue-key", "print a new API key of an account, this once")
    issue_key.add_argument("--name")
    for parser, run in ((show, run_show), (set_plan, run_set_plan), (issue_key, run_issue_key)):
        parser.add_argument("--email", required=True)
        parser.set_defaults(run=run)


def run_create(options: argparse.Namespace) -> int:
    environment.enter(options)
    from pydantic import TypeAdapter, ValidationError

    from vitrine.billing.usage import service as usage
    from vitrine.identity.accounts import service
    from vitrine.identity.accounts.models import Email
    from vitrine.kernel.clock import utc_now
    from vitrine.kernel.ids import Ids

    _known(options.plan, usage.PLANS)
    try:
        email = TypeAdapter(Email).validate_python(options.email)
    except ValidationError:
        raise CommandError("This is no e-mail address.", "Write it as name@host.example.") from None
    now = utc_now()
    try:
        user = service.create(email, options.plan, Ids.random(now), now, options.name, options.company)
    except service.EmailTaken:
        raise CommandError("This address has an account.", "See `vitrine account show`.") from None
    _print({"tenant": user.tenant, "user_id": user.id, "plan": user.plan, "api_key": _issue(user, "first key")})
    return 0


def run_show(options: argparse.Namespace) -> int:
    environment.enter(options)
    from vitrine.billing.usage import service as usage
    from vitrine.kernel.clock import utc_now

    account, now = _account(options.email), utc_now()
    used = usage.of(account.user.tenant, account.user.plan, now)
    keys = [{**key.model_dump(mode="json", exclude={"lookup"}), "status": key.state(now).value} for key in account.keys]
    _print({**account.user.model_dump(mode="json"), "usage": used.model_dump(mode="json"), "api_keys": keys})
    return 0


def run_set_plan(options: argparse.Namespace) -> int:
    environment.enter(options)
    from vitrine.billing.usage import service as usage
    from vitrine.identity.accounts import service
    from vitrine.kernel.clock import utc_now

    _known(options.plan, usage.PLANS)
    user = service.set_plan(_account(options.email).user.tenant, options.plan, utc_now())
    _print({"tenant": user.tenant, "plan": user.plan})
    return 0


def run_issue_key(options: argparse.Namespace) -> int:
    environment.enter(options)
    print(_issue(_account(options.email).user, options.name))
    return 0


def call_of(user: "User") -> "Call":
    """As if the account's user called."""
    from vitrine.kernel.call import Call
    from vitrine.kernel.clock import utc_now
    from vitrine.kernel.ids import Ids
    from vitrine.kernel.principal import Principal

    now = utc_now()
    return Call(Principal(user.tenant, user.id, plan=user.plan), now, Ids.random(now), "operator")


def _issue(user: "User", name: str | None) -> str:
    from vitrine.identity.accounts import service
    from vitrine.kernel.errors import AppError

    try:
        return service.issue_key(call_of(user), name).text
    except AppError as error:
        raise CommandError(error.message, "Revoke a key by DELETE /api/account/keys/KEY_ID.") from None


def _account(email: str) -> "Account":
    from vitrine.identity.accounts import service

    account = service.find_by_email(email)
    if account is None:
        raise CommandError("This address has no account.", "Open one: vitrine account create --email ADDRESS")
    return account


def _known(plan: str, plans: dict[str, Any]) -> None:
    if plan not in plans:
        raise CommandError(f"There is no plan {plan}.", f"There are {', '.join(plans)}.")


def _print(document: dict[str, Any]) -> None:
    print(json.dumps(document, indent=2))
