"""Vehicles in DynamoDB.

| item    | pk                     | sk      | also                                                             |
|---------|------------------------|---------|------------------------------------------------------------------|
| VEHICLE | tenant#VEHICLE#vehicle | VEHICLE | all its stock numbers                                            |
| NAME    | tenant#VIN#vin         | NAME    | the vehicle that this VIN names, as it was when it changed last  |
| NAME    | tenant#STOCK#stock     | NAME    | the same of a stock number, escaped as in an URL                 |

A name is put where none is, in the transaction that makes the vehicle: so two sessions at once make one vehicle.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.update import Action

from vitrine.capture.models import Vehicle
from vitrine.capture.store import Item
from vitrine.capture.vehicles import rules
from vitrine.kernel import tables
from vitrine.kernel.errors import Conflict
from vitrine.kernel.tables import Write

Key = tuple[str, str]


class _NameItem(Item, discriminator="NAME"):
    body: Any = UnicodeAttribute()


class _VehicleItem(Item, discriminator="VEHICLE"):
    body: Any = UnicodeAttribute()
    stocks: Any = UnicodeSetAttribute(null=True)


class NameTaken(Conflict):
    """Another session named or changed the vehicle meanwhile. Look again."""

    code = "name_taken"


def keys_of(asked: Vehicle) -> list[Key]:
    """Of the names that a vehicle is asked for by."""
    return [key for key in (_vin_key(asked), _stock_key(asked)) if key]


def meant(asked: Vehicle, found: Mapping[Key, Any]) -> tuple[Vehicle, tuple[Write, ...]]:
    """The vehicle that is asked for, by the items of its names; and what makes it known as it is now.

    Raises `BadRequest`; the writes conflict with `NameTaken` when its names say something else by now.
    """
    known = {key: Vehicle.model_validate_json(found[key].body) for key in keys_of(asked) if key in found}
    by_vin, by_stock = (known.get(key) if key else None for key in (_vin_key(asked), _stock_key(asked)))
    vehicle = rules.meant(asked, by_vin, by_stock)
    new = [_name(key, vehicle, known.get(key)) for key in keys_of(asked) if known.get(key) != vehicle]
    return vehicle, (*new, _vehicle(vehicle)) if new else ()


def get(tenant: str, vehicle_id: str) -> Vehicle | None:
    item = _VehicleItem(f"{tenant}#VEHICLE#{vehicle_id}", "VEHICLE")
    try:
        item.refresh(consistent_read=True)
    except _VehicleItem.DoesNotExist:
        return None
    return Vehicle.model_validate_json(item.body)


def stocks_of(tenant: str, vehicle_id: str) -> frozenset[str]:
    """All stock numbers that a vehicle was ever known by."""
    item = _VehicleItem(f"{tenant}#VEHICLE#{vehicle_id}", "VEHICLE")
    item.refresh(consistent_read=True)
    return frozenset(item.stocks or ())


def _name(key: Key, vehicle: Vehicle, before: Vehicle | None) -> Write:
    body = _NameItem.body == before.model_dump_json() if before else _NameItem.pk.does_not_exist()
    item = _NameItem(*key, body=vehicle.model_dump_json())
    return tables.put(item, body, lambda: NameTaken("This vehicle was changed meanwhile. Try again."))


def _vehicle(vehicle: Vehicle) -> Write:
    actions: list[Action] = [_VehicleItem.body.set(vehicle.model_dump_json()), Item.kind.set(_VehicleItem)]
    if vehicle.stock is not None:
        actions.append(_VehicleItem.stocks.add({vehicle.stock}))
    item = _VehicleItem(f"{vehicle.tenant}#VEHICLE#{vehicle.id}", "VEHICLE")
    return tables.update(item, actions, None, lambda: NameTaken("This vehicle was changed meanwhile. Try again."))


def _vin_key(vehicle: Vehicle) -> Key | None:
    return (f"{vehicle.tenant}#VIN#{vehicle.vin}", "NAME") if rules.names_alone(vehicle) else None


def _stock_key(vehicle: Vehicle) -> Key | None:
    if vehicle.stock is None:
        return None
    return f"{vehicle.tenant}#STOCK#{quote(rules.normal_stock(vehicle.stock), safe='')}", "NAME"
