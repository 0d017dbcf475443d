"""Which vehicle of an organisation is meant by a VIN and a stock number. Nothing is merged in silence. Pure."""

from vitrine.capture.models import Vehicle, VinKind
from vitrine.kernel.errors import BadRequest


def normal_stock(stock: str) -> str:
    """How stock numbers are compared: in capitals, without blanks around them."""
    return " ".join(stock.upper().split())


def is_stock(stock: str) -> bool:
    """Whether it can be read by people: no control characters, and no longer than its key allows."""
    return stock.isprintable()


def meant(asked: Vehicle, by_vin: Vehicle | None, by_stock: Vehicle | None) -> Vehicle:
    """The vehicle as it is known from now on: one of those found, with what is new of it, or `asked`, a new one.

    A known VIN with a new stock number takes it; a vehicle that was known by its stock number alone takes the VIN.
    Raises `BadRequest` for a stock number that another vehicle has.
    """
    if by_stock is not None and _is_another(asked, by_vin, by_stock):
        raise _conflict(asked, by_stock)
    known = by_vin or by_stock
    if known is None:
        return asked
    vin, kind = (known.vin, known.vin_kind) if known.vin else (asked.vin, asked.vin_kind)
    return known.model_copy(update={"vin": vin, "vin_kind": kind, "stock": asked.stock or known.stock})


def names_alone(vehicle: Vehicle) -> bool:
    """Whether its VIN is enough to know it by: shorter ones from before 1981 are not unique among makers."""
    return vehicle.vin is not None and vehicle.vin_kind is VinKind.STANDARD


def _is_another(asked: Vehicle, by_vin: Vehicle | None, by_stock: Vehicle) -> bool:
    if by_vin is not None:
        return by_vin.id != by_stock.id
    return asked.vin is not None and by_stock.vin not in (None, asked.vin)


def _conflict(asked: Vehicle, by_stock: Vehicle) -> BadRequest:
    return BadRequest(
        "This stock number belongs to another vehicle of the organisation.",
        code="vehicle_conflict",
        data={
            "field": "vehicle.stock",
            "stock": asked.stock,
            "vin": asked.vin,
            "vehicle": {"id": by_stock.id, "vin": by_stock.vin, "stock": by_stock.stock},
        },
    )
