"""Organisations in DynamoDB, in the table of identities.

| item         | pk                 | sk                | also                                               |
|--------------|--------------------|-------------------|----------------------------------------------------|
| ORGANISATION | tenant             | ORGANISATION      | version, and in its body policies and sites        |
| LISTED       | ORGANISATIONS      | tenant            | its name, for the list of all                      |
| PERSON       | tenant             | PERSON#id         | `ended_at`, and counts of calls (`n_…`)            |
| DEVICE       | tenant             | DEVICE#id         | the same                                           |
| SUBJECT      | SUBJECT#digest     | SUBJECT           | whose sign-in at the identity provider that is     |
| INVITATION   | INVITATION#digest  | INVITATION        | who is expected, by the digest of an address       |

The counts of a person's or a device's calls lie on its own item: one conditional write lets a call in, counts it, and
reads what its caller may do at that moment. A count's name holds the window that it is of, so nothing is reset.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from botocore.exceptions import ClientError
from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.update import Action

from vitrine.identity.organisations.models import Actor, Device, DeviceFacts, Organisation, Person, Platform, Role
from vitrine.kernel import schema, tables
from vitrine.kernel.clock import timestamp
from vitrine.kernel.errors import AppError, Conflict
from vitrine.kernel.limits import LimitStatus, exceeded, window
from vitrine.kernel.surface import Limit
from vitrine.kernel.tables import Table, Write

_TABLE = schema.IDENTITY.deployed_name()
_COUNT = "n_"
_MOST_COUNTS = 16
"""A caller that comes once in a while leaves one count behind each time; beyond these they are swept."""
_LONGEST_S = 3600
PERSON, DEVICE = "PERSON", "DEVICE"


class _Item(Table):
    class Meta:
        table_name = _TABLE

    kind: Any = DiscriminatorAttribute()


class _OrganisationItem(_Item, discriminator="ORGANISATION"):
    version: Any = NumberAttribute()
    body: Any = UnicodeAttribute()


class _ListedItem(_Item, discriminator="LISTED"):
    tenant: Any = UnicodeAttribute()
    name: Any = UnicodeAttribute()


class _ActorItem(_Item, discriminator="ACTOR"):
    role: Any = UnicodeAttribute()
    sites: Any = UnicodeSetAttribute(null=True)
    created_at: Any = UnicodeAttribute()
    ended_at: Any = UnicodeAttribute(null=True)


class _PersonItem(_ActorItem, discriminator=PERSON):
    name: Any = UnicodeAttribute()
    email: Any = UnicodeAttribute()
    issuer: Any = UnicodeAttribute(null=True)
    subject: Any = UnicodeAttribute(null=True)


class _DeviceItem(_ActorItem, discriminator=DEVICE):
    platform: Any = UnicodeAttribute()
    model: Any = UnicodeAttribute()
    app_version: Any = UnicodeAttribute()
    renewed_at: Any = UnicodeAttribute()


class _PointerItem(_Item, discriminator="POINTER"):
    tenant: Any = UnicodeAttribute()
    user_id: Any = UnicodeAttribute()


class _SubjectItem(_PointerItem, discriminator="SUBJECT"):
    pass


class _InvitationItem(_PointerItem, discriminator="INVITATION"):
    pass


class StaleOrganisation(Conflict):
    """The organisation was changed since it was read. Read it again."""

    code = "stale_organisation"


class Taken(Conflict):
    """Somebody has this address, this sign-in or this id already."""

    code = "taken"


class NotThere(Conflict):
    """The person or device is not there, or is over."""

    code = "not_there"


def insert(organisation: Organisation) -> tuple[Write, ...]:
    """Conflicts with `Taken`."""
    listed = _ListedItem("ORGANISATIONS", organisation.tenant, tenant=organisation.tenant, name=organisation.name)
    return (
        tables.put(_organisation_item(organisation), _OrganisationItem.pk.does_not_exist(), _taken),
        tables.put(listed, None, _taken),
    )


def replace(before: Organisation, after: Organisation) -> tuple[Write, ...]:
    """Conflicts with `StaleOrganisation`."""
    unchanged = _OrganisationItem.version == before.version
    listed = _ListedItem("ORGANISATIONS", after.tenant, tenant=after.tenant, name=after.name)
    return (
        tables.put(_organisation_item(after), unchanged, lambda: StaleOrganisation("It was changed meanwhile.")),
        tables.put(listed, None, _taken),
    )


def organisation(tenant: str) -> Organisation | None:
    try:
        item = _OrganisationItem.get(tenant, "ORGANISATION", consistent_read=True)
    except _OrganisationItem.DoesNotExist:
        return None
    return Organisation.model_validate_json(item.body)


def redacts(tenant: str, how: str) -> Write:
    """Holds a transaction to this redaction. Conflicts with `StaleOrganisation`."""
    said = _OrganisationItem.body.contains(f'"redaction":"{how}"')
    return tables.check(_OrganisationItem, (tenant, "ORGANISATION"), said, lambda: StaleOrganisation("It differs."))


def organisations() -> list[tuple[str, str]]:
    """Tenant and name of each."""
    return [(item.tenant, item.name) for item in _ListedItem.query("ORGANISATIONS", consistent_read=True)]


def people(tenant: str) -> list[Person]:
    return [_person(item) for item in _PersonItem.query(tenant, _PersonItem.sk.startswith("PERSON#"))]


def devices(tenant: str) -> list[Device]:
    return [_device(item) for item in _DeviceItem.query(tenant, _DeviceItem.sk.startswith("DEVICE#"))]


def person(tenant: str, user_id: str) -> Person | None:
    try:
        return _person(_PersonItem.get(tenant, _sk(PERSON, user_id), consistent_read=True))
    except _PersonItem.DoesNotExist:
        return None


def device(tenant: str, device_id: str) -> Device | None:
    try:
        return _device(_DeviceItem.get(tenant, _sk(DEVICE, device_id), consistent_read=True))
    except _DeviceItem.DoesNotExist:
        return None


def invite(person: Person, email_digest: str) -> tuple[Write, ...]:
    """Conflicts with `Taken`."""
    invitation = _InvitationItem(f"INVITATION#{email_digest}", "INVITATION", tenant=person.tenant, user_id=person.id)
    return (
        tables.put(_person_item(person), _PersonItem.pk.does_not_exist(), _taken),
        tables.put(invitation, _InvitationItem.pk.does_not_exist(), _taken),
    )


def bind(tenant: str, user_id: str, issuer: str, subject: str, digests: tuple[str, str]) -> tuple[Write, ...]:
    """The person's sign-in is this subject from now on, and the invitation is used. `digests`: the subject's, and the
    address's. Conflicts with `Taken`, and with `NotThere` when the person is over."""
    of_subject, of_email = digests
    pointer = _SubjectItem(f"SUBJECT#{of_subject}", "SUBJECT", tenant=tenant, user_id=user_id)
    item = _PersonItem(tenant, _sk(PERSON, user_id))
    expected = _PersonItem.pk.exists() & _PersonItem.ended_at.does_not_exist() & _PersonItem.subject.does_not_exist()
    invitation = _InvitationItem(f"INVITATION#{of_email}", "INVITATION")
    return (
        tables.put(pointer, _SubjectItem.pk.does_not_exist(), _taken),
        tables.update(item, [_PersonItem.issuer.set(issuer), _PersonItem.subject.set(subject)], expected, _not_there),
        tables.delete(invitation, _InvitationItem.user_id == user_id, _taken),
    )


def who(subject_digest: str, email_digest: str | None) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """Tenant and user whose sign-in this subject is, and who is expected under the address: by one read of both."""
    keys = [(f"SUBJECT#{subject_digest}", "SUBJECT")]
    keys += [(f"INVITATION#{email_digest}", "INVITATION")] if email_digest else []
    items = cast(list[_PointerItem], list(_Item.batch_get(keys, consistent_read=True)))
    found = {item.sk: (item.tenant, item.user_id) for item in items}
    return found.get("SUBJECT"), found.get("INVITATION")


def with_organisation(tenant: str, user_id: str) -> tuple[Person | None, Organisation | None]:
    """Both by one read."""
    keys = [(tenant, _sk(PERSON, user_id)), (tenant, "ORGANISATION")]
    found: dict[str, Any] = {item.sk: item for item in _Item.batch_get(keys, consistent_read=True)}
    person, organisation = found.get(_sk(PERSON, user_id)), found.get("ORGANISATION")
    return (
        _person(person) if person is not None else None,
        Organisation.model_validate_json(organisation.body) if organisation is not None else None,
    )


def enrol(device: Device) -> bool:
    """Whether the device is new: False, and nothing changed, when there is one under its id."""
    item = _DeviceItem(
        device.tenant,
        _sk(DEVICE, device.id),
        role=Role.DEVICE.value,
        created_at=timestamp(device.created_at),
        renewed_at=timestamp(device.renewed_at),
        platform=device.platform.value,
        model=device.model,
        app_version=device.app_version,
    )
    try:
        item.save(condition=_DeviceItem.pk.does_not_exist())
    except PutError as error:
        _check_condition(error)
        return False
    return True


def renew(tenant: str, device_id: str, facts: DeviceFacts, now: datetime) -> Device | None:
    """The device as it is with what it now says of itself; None when it is not there, or over."""
    said = [
        _DeviceItem.platform.set(facts.platform.value),
        _DeviceItem.model.set(facts.model),
        _DeviceItem.app_version.set(facts.app_version),
        _DeviceItem.renewed_at.set(timestamp(now)),
    ]
    item = _DeviceItem(tenant, _sk(DEVICE, device_id))
    return _device(item) if _changed(item, said) else None


def change(kind: str, tenant: str, actor_id: str, said: Mapping[str, Any]) -> bool:
    """Set what is said of an actor's `role`, `sites` and `ended_at`; whether there is one that is not over."""
    item = _OF[kind](tenant, _sk(kind, actor_id))
    return _changed(item, [_set(_ActorItem, name, value) for name, value in said.items()])


def forget_sign_in(person: Person, digests: tuple[str, str]) -> tuple[Write, ...]:
    """Nobody signs in as this person any more. `digests`: the subject's, and the address's. Each conflicts with `Taken`
    where it names somebody else by now."""
    of_subject, of_email = digests
    mine = _PointerItem.user_id.does_not_exist() | (_PointerItem.user_id == person.id)
    return (
        tables.delete(_SubjectItem(f"SUBJECT#{of_subject}", "SUBJECT"), mine, _taken),
        tables.delete(_InvitationItem(f"INVITATION#{of_email}", "INVITATION"), mine, _taken),
    )


def let_in(kind: str, tenant: str, actor_id: str, counter: str, limit: Limit, now: datetime) -> tuple[Actor, int]:
    """Count a call of an actor that is not over: who it is at this moment, and how many calls its window has.

    `counter` says what is counted together. Raises `NotThere`, and `TooManyRequests` when the window is full; then
    nothing is counted.
    """
    number, reset_s = window(limit, now)
    begins = number * limit.seconds
    counted, before = (f"{_COUNT}{counter}_{moment}" for moment in (begins, begins - limit.seconds))
    try:
        answer = tables.client().update_item(
            TableName=_TABLE,
            Key={"pk": {"S": tenant}, "sk": {"S": _sk(kind, actor_id)}},
            UpdateExpression="ADD #now :one REMOVE #before",
            ConditionExpression="attribute_exists(pk) AND attribute_not_exists(ended_at) AND "
            "(attribute_not_exists(#now) OR #now < :most)",
            ExpressionAttributeNames={"#now": counted, "#before": before},
            ExpressionAttributeValues={":one": {"N": "1"}, ":most": {"N": str(limit.amount)}},
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        held = _held(error)
        if not held or "ended_at" in held:
            raise _not_there() from None
        raise exceeded(LimitStatus(limit, 0, reset_s)) from None
    found = answer["Attributes"]
    _sweep(kind, tenant, actor_id, [each for each in found if each.startswith(_COUNT)], now)
    return _actor(kind, found), int(found[counted]["N"])


def _sweep(kind: str, tenant: str, actor_id: str, counts: Sequence[str], now: datetime) -> None:
    """Drop the counts of windows that began more than an hour ago, once there are many."""
    if len(counts) <= _MOST_COUNTS:
        return
    past = [name for name in counts if int(name.rpartition("_")[2]) < now.timestamp() - _LONGEST_S]
    if past:
        tables.client().update_item(
            TableName=_TABLE,
            Key={"pk": {"S": tenant}, "sk": {"S": _sk(kind, actor_id)}},
            UpdateExpression="REMOVE " + ", ".join(f"#{place}" for place in range(len(past))),
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames={f"#{place}": name for place, name in enumerate(past)},
        )


def _actor(kind: str, raw: Mapping[str, Any]) -> Actor:
    item = _OF[kind].from_raw_data(dict(raw))
    return _device(item) if kind == DEVICE else _person(item)


def _changed(item: _ActorItem, said: list[Action]) -> bool:
    try:
        item.update(said, condition=_ActorItem.pk.exists() & _ActorItem.ended_at.does_not_exist())
    except UpdateError as error:
        _check_condition(error)
        return False
    return True


def _check_condition(error: PutError | UpdateError) -> None:
    if error.cause_response_code != "ConditionalCheckFailedException":
        raise error


def _set(model: type[_ActorItem], name: str, value: Any) -> Action:
    attribute = getattr(model, name)
    return cast(Action, attribute.remove() if value is None else attribute.set(value))


def _organisation_item(organisation: Organisation) -> _OrganisationItem:
    body = organisation.model_dump_json()
    return _OrganisationItem(organisation.tenant, "ORGANISATION", version=organisation.version, body=body)


def _person_item(person: Person) -> _PersonItem:
    return _PersonItem(
        person.tenant,
        _sk(PERSON, person.id),
        role=person.role.value,
        sites=set(person.sites) if person.sites else None,
        created_at=timestamp(person.created_at),
        name=person.name,
        email=person.email,
    )


def _common(item: _ActorItem) -> dict[str, Any]:
    return {
        "id": str(item.sk).partition("#")[2],
        "tenant": item.pk,
        "role": Role(item.role),
        "sites": None if item.sites is None else frozenset(item.sites),
        "created_at": datetime.fromisoformat(item.created_at),
        "ended_at": None if item.ended_at is None else datetime.fromisoformat(item.ended_at),
    }


def _person(item: Any) -> Person:
    sign_in = {"issuer": item.issuer or "", "subject": item.subject or ""}
    return Person(**_common(item), name=item.name, email=item.email, **sign_in)


def _device(item: Any) -> Device:
    return Device(
        **_common(item),
        platform=Platform(item.platform),
        model=item.model,
        app_version=item.app_version,
        renewed_at=datetime.fromisoformat(item.renewed_at),
    )


def _sk(kind: str, actor_id: str) -> str:
    return f"{kind}#{actor_id}"


def _held(error: ClientError) -> Mapping[str, Any]:
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
    return cast(Mapping[str, Any], error.response.get("Item", {}))


def _taken() -> AppError:
    return Taken("This is taken.")


def _not_there() -> AppError:
    return NotThere("There is nobody under this id.")


_OF: Mapping[str, type[_ActorItem]] = {PERSON: _PersonItem, DEVICE: _DeviceItem}
