"""Vehicle identification numbers: 17 characters since model year 1981 (49 CFR 565.13, ISO 3779), shorter before. Pure.

Structure is an error. The check digit (49 CFR 565.15 (c)) is a warning: North America and China put one at position 9,
Europe and others put what they like there, and typing errors pass it once in twelve times.
"""

import unicodedata

from vitrine.capture.models import CaptureWarning, VinKind
from vitrine.kernel.errors import BadRequest
from vitrine.kernel.record import Record

LENGTH = 17
_SHORTEST, _LONGEST_SHORT = 5, 13
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK = 8
"""Where the check digit stands, counted from 0."""
_LETTERS = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
_VALUES = {**_LETTERS, **{str(digit): digit for digit in range(10)}}
_NEVER: dict[str, str | int | None] = {"I": "1", "O": "0", "Q": "0"}
"""Letters that no VIN has, and what was meant most likely."""
_JUDGED = frozenset("12345L")
"""The first characters of North America and of China; 7 is North America's too but for 7A to 7E (New Zealand)."""
_YEARS = frozenset("ABCDEFGHJKLMNPRSTVWXY123456789")
"""Codes of model years at position 10 (49 CFR 565.15, table VII)."""
_LOOK = "0D 0C 1L 17 1T 1J 2Z 3B 38 4A 5S 56 6G 68 8B 9P 9G CG UV VY VW XK MN MW EF PR KX HN BD TY"
_ALIKE = frozenset(_LOOK.split())
_MOST_SUGGESTIONS = 10
_LAST_DIGITS = range(13, LENGTH)
"""Positions of the serial number that hold digits for all makers (49 CFR 565.15 (d))."""


class Vin(Record):
    """A number that may stand for a vehicle, as it is kept; `warning` is there when its check digit is wrong."""

    text: str
    kind: VinKind
    warning: CaptureWarning | None = None


def normal(text: str) -> str:
    """Capitals without blanks; full-width characters as plain ones."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def read(text: str, *, has_stock: bool, strict: bool = False, field: str = "vehicle.vin") -> Vin:
    """The VIN that a client wrote. Raises `BadRequest`, with suggestions where one character would do.

    `strict`: a wrong check digit is an error too.
    """
    plain = normal(text)
    _check_characters(plain, field)
    if len(plain) != LENGTH:
        return _short(plain, has_stock, field)
    _check_letters(plain, field)
    warning = _check_digit_warning(plain, field)
    if warning is not None and strict:
        raise BadRequest(warning.message, code=warning.code, data=warning.model_dump(exclude={"message"}))
    return Vin(text=plain, kind=VinKind.STANDARD, warning=warning)


def check_digit(vin: str) -> str:
    """What position 9 is to be, by the other sixteen: the weighted sum modulo 11, X for 10."""
    total = sum(_VALUES[character] * weight for character, weight in zip(vin, _WEIGHTS, strict=True))
    return "X" if total % 11 == 10 else str(total % 11)


def is_judged(vin: str) -> bool:
    """Whether a check digit is compulsory where it was built, and its model year is one that there is."""
    american = vin[0] in _JUDGED or (vin[0] == "7" and vin[1] not in "ABCDE")
    return american and vin[9] in _YEARS


def corrections(vin: str) -> tuple[str, ...]:
    """VINs that differ in one character and whose sum is right: another check digit first, then what looks alike, then
    others; at most ten."""
    expected = check_digit(vin)
    found = [_replaced(vin, _CHECK, expected)]
    swapped = ((index, other) for index in range(LENGTH) if index != _CHECK for other in _others(vin, index))
    right = [(index, other) for index, other in swapped if check_digit(_replaced(vin, index, other)) == vin[_CHECK]]
    right.sort(key=lambda change: not _look_alike(vin[change[0]], change[1]))
    found += [_replaced(vin, index, other) for index, other in right]
    return tuple(found[:_MOST_SUGGESTIONS])


def _others(vin: str, index: int) -> list[str]:
    """What else might stand at a place."""
    allowed = "0123456789" if index in _LAST_DIGITS else _YEARS if index == _CHECK + 1 else _VALUES
    return sorted(set(allowed) - {vin[index]})


def _look_alike(one: str, other: str) -> bool:
    return one + other in _ALIKE or other + one in _ALIKE


def _replaced(vin: str, index: int, character: str) -> str:
    return vin[:index] + character + vin[index + 1 :]


def _check_characters(vin: str, field: str) -> None:
    if not (vin.isascii() and vin.isalnum()):
        raise _refused("vin_characters", "A VIN has letters and digits alone.", field)
    if len(set(vin)) == 1:
        raise _refused("vin_repeated", "A VIN is not one character again and again.", field)


def _short(vin: str, has_stock: bool, field: str) -> Vin:
    if not _SHORTEST <= len(vin) <= _LONGEST_SHORT:
        raise _refused("vin_length", f"A VIN has {LENGTH} characters, this one {len(vin)}.", field)
    if not has_stock:
        message = f"A VIN has {LENGTH} characters; one from before 1981 (5 to 13) needs a stock number with it."
        raise _refused("vin_length", message, field)
    return Vin(text=vin, kind=VinKind.PRE_1981)


def _check_letters(vin: str, field: str) -> None:
    if _NEVER.keys() & set(vin):
        meant = vin.translate(str.maketrans(_NEVER))
        raise _refused("vin_letters", "No VIN has the letters I, O and Q.", field, (meant,))


def _check_digit_warning(vin: str, field: str) -> CaptureWarning | None:
    expected = check_digit(vin)
    if not is_judged(vin) or vin[_CHECK] == expected:
        return None
    return CaptureWarning(
        code="vin_check_digit",
        message=f"The check digit at position 9 is {vin[_CHECK]}, and the others make it {expected}.",
        field=field,
        expected=expected,
        suggestions=corrections(vin),
    )


def _refused(code: str, message: str, field: str, suggestions: tuple[str, ...] = ()) -> BadRequest:
    return BadRequest(message, code=code, data={"field": field, "suggestions": list(suggestions)})
