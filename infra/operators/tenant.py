"""`vitrine tenant`: a tenant's copy of everything, and a tenant's erasure, on the emulator and on AWS alike."""

import argparse
from pathlib import Path

from infra.errors import CommandError
from infra.local.commands.common import Commands
from infra.operators import environment


def register(commands: Commands) -> None:
    tenant: argparse.ArgumentParser = commands.add_parser("tenant", help="a tenant's data: export, erase")
    actions = tenant.add_subparsers(required=True, metavar="ACTION")
    export = environment.register(actions, "export", "write all items and pictures of a tenant into a folder")
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    export.set_defaults(run=run_export)
    erase = environment.register(actions, "erase", "cancel a tenant's work, then delete all its pictures and items")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.set_defaults(run=run_erase)
    for parser in (export, erase):
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("tenant", nargs="?", metavar="TENANT", help="its id: ten_…")
        who.add_argument("--email", metavar="ADDRESS", help="the address of its account on stagecraft")
        who.add_argument("--organisation", metavar="ID", help="the id of its organisation on imaging360")


def run_export(options: argparse.Namespace) -> int:
    environment.enter(options)
    from vitrine.kernel.clock import utc_now
    from vitrine.kernel.environment import Buckets
    from vitrine.kernel.errors import NotFound
    from vitrine.trust import service

    try:
        copy = service.export(_tenant(options), options.out, Buckets.load(), utc_now())
    except NotFound as error:
        raise CommandError(error.message, "Is it the right environment?") from None
    print(copy.model_dump_json(indent=2))
    return 0


def run_erase(options: argparse.Namespace) -> int:
    """0 when nothing is left; 3 when something may still come after it, so that it is to be run again."""
    environment.enter(options)
    from vitrine.kernel.clock import utc_now
    from vitrine.kernel.environment import Buckets, WorkMachines
    from vitrine.kinds_of_work import KINDS
    from vitrine.trust import service
    from vitrine.work.models import Work

    tenant = _tenant(options)
    if not options.yes and input(f"Erase {tenant} for good? Write its id: ").strip() != tenant:
        raise CommandError("Nothing was erased.", "Write the id exactly, or give --yes.")
    try:
        done = service.erase(tenant, Buckets.load(), Work(KINDS, WorkMachines.load()), utc_now())
    except service.StillWritten as error:
        raise CommandError(error.message, f"vitrine tenant erase {tenant}") from None
    print(done.model_dump_json(indent=2))
    if done.finished_at is None:
        print(f"Work under way may still write results: run this again after {done.settles_at:%H:%M} UTC.")
        return 3
    return 0


def _tenant(options: argparse.Namespace) -> str:
    if options.tenant:
        return str(options.tenant)
    if options.organisation:
        return f"ten_{options.organisation.replace('-', '').lower()}"
    from vitrine.identity.accounts import service as accounts

    account = accounts.find_by_email(options.email)
    if account is None:
        raise CommandError("This address has no account.", "Go on with an erasure by the tenant's id: ten_…")
    return account.user.tenant
