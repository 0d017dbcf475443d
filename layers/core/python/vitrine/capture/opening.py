"""Opening a session: its vehicle found or made, its lists and counts, in one transaction."""

from datetime import datetime, timedelta

from vitrine.capture import rules, store, vin
from vitrine.capture.listings import rules as lists
from vitrine.capture.listings import store as listings
from vitrine.capture.models import NewSession, NewVehicle, Person, Session, SessionStatus, Vehicle
from vitrine.capture.vehicles import rules as naming
from vitrine.capture.vehicles import store as vehicles
from vitrine.identity.organisations import service as organisations
from vitrine.identity.organisations.models import Organisation, VinPolicy
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import BadRequest, Forbidden

_TRIES = 8
_KNOWN_FOR = timedelta(minutes=1)
_known: dict[str, tuple[datetime, Organisation]] = {}
"""Organisations as this process read them; sites and policies change seldom."""


def open_for(call: Call, asked: NewSession) -> Session:
    """A new session at a site that the caller may use, by the organisation's own policy on VINs.

    Idempotency key: as `open_session`. Raises `Forbidden` for any other site, whoever's it is, and `BadRequest`.
    """
    site_id = asked.site_id
    organisation = _organisation(call, site_id)
    site = organisation.site(site_id) if call.principal.may_use(site_id) else None
    if site is None:
        raise Forbidden("There is no such site, or you may not use it.", code="site_forbidden")
    strict = organisation.policies.vin_policy is VinPolicy.STRICT
    return open_session(call, asked, site.name, strict_vin=strict)


def forget_organisations() -> None:
    """For tests, which change what a process would read a minute later."""
    _known.clear()


def _organisation(call: Call, site_id: str) -> Organisation:
    """Read again after a minute, or where it does not know the site."""
    at, known = _known.get(call.tenant, (call.now, None))
    if known is None or known.site(site_id) is None or not timedelta(0) <= call.now - at < _KNOWN_FOR:
        known = organisations.find(call.tenant)
        _known[call.tenant] = call.now, known
    return known


def open_session(call: Call, asked: NewSession, site_name: str, *, strict_vin: bool = False) -> Session:
    """A new session of the vehicle that the request names.

    Idempotency key: the session's id, which a repeated request under one Idempotency-Key makes again.
    Raises `BadRequest` for a vehicle or a shot list that cannot be.
    """
    session = _session(call, asked, site_name, strict_vin)
    for _ in range(_TRIES):
        found = store.fetch([*vehicles.keys_of(session.vehicle), listings.total_key(call.tenant)])
        vehicle, naming_it = vehicles.meant(session.vehicle, found)
        opened = listings.total_in(found.get(listings.total_key(call.tenant)))
        placed = session.model_copy(update={"vehicle": vehicle, "span": lists.span_of(opened)})
        try:
            tables.commit(store.insert(placed), *naming_it, *listings.added(placed))
        except store.SessionExists:
            return store.get(call.tenant, session.id) or placed
        except vehicles.NameTaken:
            continue
        return placed
    raise vehicles.NameTaken("This vehicle kept changing. Try again.")


def _session(call: Call, asked: NewSession, site_name: str, strict_vin: bool) -> Session:
    shots = rules.shot_list_of(asked.mode, asked.shot_list)
    odd = rules.check_shots(asked.mode, shots)
    session_id = call.ids.uuid()
    vehicle, read = _vehicle(call, asked.vehicle, strict_vin)
    warnings = (read.warning,) if read and read.warning else ()
    is_device = call.principal.role == rules.DEVICE
    name = call.principal.name or ""
    return Session(
        id=session_id,
        tenant=call.tenant,
        org_id=call.principal.org_id or "",
        site_id=asked.site_id,
        site_name=site_name,
        vehicle=vehicle,
        mode=asked.mode,
        shot_list=shots,
        warnings=(*warnings, *odd),
        status=SessionStatus.ACTIVE,
        version=1,
        operator=None if is_device else Person(id=call.principal.actor, name=name),
        device_id=call.principal.actor if is_device else None,
        device_model=name if is_device else None,
        started_at=call.now,
        updated_at=call.now,
    )


def _vehicle(call: Call, asked: NewVehicle, strict: bool) -> tuple[Vehicle, vin.Vin | None]:
    """What the request says of the vehicle, as a new one."""
    stock = (asked.stock or "").strip() or None
    said = vin.normal(asked.vin or "") or None
    if not said and not stock:
        raise BadRequest("Send the vehicle's vin or stock.", code="vehicle_required", data={"field": "vehicle"})
    if stock and not naming.is_stock(stock):
        raise BadRequest("A stock number is printable text.", code="invalid_stock", data={"field": "vehicle.stock"})
    read = vin.read(said, has_stock=stock is not None, strict=strict) if said else None
    vehicle = Vehicle(
        id=call.ids.uuid(),
        tenant=call.tenant,
        vin=read.text if read else None,
        vin_kind=read.kind if read else None,
        stock=stock,
        created_at=call.now,
    )
    return vehicle, read
