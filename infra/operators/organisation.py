"""`vitrine organisation`: organisations of imaging360, their sites, people, devices and policies, and the keys of their
tokens. Works on the emulator and on AWS alike."""

import argparse
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from infra.errors import CommandError
from infra.local.commands.common import Commands
from infra.operators import environment

if TYPE_CHECKING:
    from vitrine.identity.organisations.models import Organisation

T = TypeVar("T")
ROLES = ("operator", "reviewer", "admin")
POLICIES = {
    "enrolment": ("open", "closed", "code"),
    "vin_policy": ("warn", "strict"),
    "redaction": ("blur", "box", "off"),
    "first_frame": ("front_3q", "front", "as_shot"),
}
"""As `Policies` has them, which a test holds. They stand here too, since a command line loads no pydantic."""
Parser = argparse.ArgumentParser


def register(commands: Commands) -> None:
    group: Parser = commands.add_parser("organisation", help="organisations of imaging360, who belongs to them, keys")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    for name, (run, about, describe) in ACTIONS.items():
        parser = environment.register(actions, name, about)
        describe(parser)
        parser.set_defaults(run=run)


def run_create(options: argparse.Namespace) -> int:
    environment.enter(options)
    from vitrine.identity.organisations import service

    ids, now = _ids(), _now()
    made = service.create(options.name, ids, now)
    for site in options.site or []:
        service.add_site(made.tenant, site, ids, now)
    return _print(_shown(service.find(made.tenant)))


def run_list(options: argparse.Namespace) -> int:
    environment.enter(options)
    from vitrine.identity.organisations import service

    return _print(dict(service.listed()))


def run_show(options: argparse.Namespace) -> int:
    organisation = _entered(options)
    from vitrine.identity.organisations import service

    people, devices = service.people(organisation.tenant), service.devices(organisation.tenant)
    belonging = {"people": [_actor(each) for each in people], "devices": [_actor(each) for each in devices]}
    return _print({**_shown(organisation), **belonging})


def run_set(options: argparse.Namespace) -> int:
    organisation = _entered(options)
    from vitrine.identity.organisations import service

    said = {name: value for name in (*POLICIES, "thresholds") if (value := getattr(options, name)) is not None}
    if not said:
        raise CommandError("No policy is given.", "See `vitrine organisation set --help`.")
    changed, code = service.set_policies(organisation.tenant, said)
    return _print({**_shown(changed), **({"enrolment_code": code} if code else {})})


def run_add_site(options: argparse.Namespace) -> int:
    organisation = _entered(options)
    from vitrine.identity.organisations import service

    added = _done(lambda: service.add_site(organisation.tenant, options.name, _ids(), _now()))
    return _print(added.model_dump(mode="json"))


def run_invite(options: argparse.Namespace) -> int:
    organisation = _entered(options)
    from pydantic import TypeAdapter, ValidationError

    from vitrine.identity.organisations import service
    from vitrine.identity.organisations.models import Email, Role

    try:
        email = TypeAdapter(Email).validate_python(options.email)
    except ValidationError:
        raise CommandError("This is no e-mail address.", "Write it as name@host.example.") from None
    name, role = options.name or email.partition("@")[0], Role(options.role)
    invited = _done(
        lambda: service.invite(organisation.tenant, email, name, role, _ids(), _now(), options.site or None)
    )
    return _print(_actor(invited))


def run_set_role(options: argparse.Namespace) -> int:
    organisation = _entered(options)
    from vitrine.identity.organisations import service
    from vitrine.identity.organisations.models import Role

    _done(lambda: service.set_role(organisation.tenant, options.actor, Role(options.role)))
    return _print({"id": options.actor, "role": options.role})


def run_set_sites(options: argparse.Namespace) -> int:
    organisation = _entered(options)
    from vitrine.identity.organisations import service

    sites = options.site or None
    _done(lambda: service.set_sites_of(organisation.tenant, options.actor, sites))
    return _print({"id": options.actor, "sites": sites or "all"})


def run_remove_user(options: argparse.Namespace) -> int:
    organisation = _entered(options)
    from vitrine.identity.organisations import service

    _done(lambda: service.remove_person(organisation.tenant, options.actor, _now()))
    return _print({"removed": options.actor})


def run_revoke_device(options: argparse.Namespace) -> int:
    organisation = _entered(options)
    from vitrine.identity.organisations import service

    _done(lambda: service.revoke_device(organisation.tenant, options.actor, _now()))
    return _print({"revoked": options.actor})


def run_rotate_keys(options: argparse.Namespace) -> int:
    environment.enter(options)
    from vitrine.identity.organisations import keys

    kept = keys.rotate(_now())
    return _print({"signs": kept[0], "verify": list(kept)})


def _named(parser: Parser) -> None:
    parser.add_argument("--name", required=True)
    parser.add_argument("--site", action="append", metavar="NAME", help="a site of it; may be given more than once")


def _nothing(_: Parser) -> None:
    pass


def _of_one(parser: Parser) -> None:
    parser.add_argument("organisation", metavar="ORGANISATION", help="its id")


def _policies(parser: Parser) -> None:
    _of_one(parser)
    for name, values in POLICIES.items():
        parser.add_argument(f"--{name.replace('_', '-')}", choices=values, dest=name)
    parser.add_argument("--thresholds", metavar="VERSION", help="of the set checks")


def _site(parser: Parser) -> None:
    _of_one(parser)
    parser.add_argument("--name", required=True)


def _invitation(parser: Parser) -> None:
    _of_one(parser)
    parser.add_argument("--email", required=True)
    parser.add_argument("--name")
    parser.add_argument("--role", required=True, choices=ROLES)
    parser.add_argument("--site", action="append", metavar="ID", help="a site that they may use; without one, all")


def _actor_of(parser: Parser) -> None:
    _of_one(parser)
    parser.add_argument("actor", metavar="ID", help="of the person or device")


def _role(parser: Parser) -> None:
    _actor_of(parser)
    parser.add_argument("--role", required=True, choices=ROLES)


def _sites(parser: Parser) -> None:
    _actor_of(parser)
    parser.add_argument("--site", action="append", metavar="ID", help="without one, all sites")


Action = tuple[Callable[[argparse.Namespace], int], str, Callable[[Parser], None]]
ACTIONS: Mapping[str, Action] = {
    "create": (run_create, "make an organisation with its sites", _named),
    "list": (run_list, "print all organisations by id", _nothing),
    "show": (run_show, "print an organisation, its people and its devices as JSON", _of_one),
    "set": (run_set, "change policies; `--enrolment code` prints a new code, this once", _policies),
    "add-site": (run_add_site, "add a site", _site),
    "invite": (run_invite, "let a person sign in with an address that the identity provider verifies", _invitation),
    "set-role": (run_set_role, "change what a person may do, from their next call on", _role),
    "set-sites": (run_set_sites, "the sites that a person or a device may use, from the next call on", _sites),
    "remove-user": (run_remove_user, "end a person's access with their next call", _actor_of),
    "revoke-device": (run_revoke_device, "end a device's access with its next call, for good", _actor_of),
    "rotate-keys": (run_rotate_keys, "sign tokens with a new key; those that are out stay valid", _nothing),
}


def _entered(options: argparse.Namespace) -> "Organisation":
    environment.enter(options)
    import uuid

    from vitrine.identity.organisations import rules, service

    try:
        tenant = rules.tenant_of(str(uuid.UUID(options.organisation)))
    except ValueError:
        raise CommandError("An organisation's id is a UUID.", "See `vitrine organisation list`.") from None
    return _done(lambda: service.find(tenant))


def _done(call: Callable[[], T]) -> T:
    from vitrine.kernel.errors import AppError

    try:
        return call()
    except AppError as error:
        raise CommandError(error.message, "See `vitrine organisation list` and `show`.") from None


def _shown(organisation: "Organisation") -> dict[str, Any]:
    return organisation.model_dump(mode="json", exclude={"code_hash", "version"})


def _actor(actor: Any) -> dict[str, Any]:
    return {
        **actor.model_dump(mode="json", exclude={"tenant", "issuer", "subject"}),
        "sites": sorted(actor.sites) if actor.sites is not None else "all",
    }


def _ids() -> Any:
    from vitrine.kernel.ids import Ids

    return Ids.random(_now())


def _now() -> Any:
    from vitrine.kernel.clock import utc_now

    return utc_now()


def _print(document: Mapping[str, Any]) -> int:
    print(json.dumps(document, indent=2))
    return 0
