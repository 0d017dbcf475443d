"""Totals as a cursor carries them: the next page adds to them, so the last one has those of all sets."""

from typing import Any

from vitrine.capture.what_if.models import BY_CHECK, COUNTS, NUMBERS, Counts, Totals


def packed(totals: Totals) -> list[Any]:
    numbers = [getattr(totals, name) for name in NUMBERS]
    counts = [_short(getattr(totals, name)) for name in COUNTS]
    return [numbers, counts, *({name: _short(of) for name, of in getattr(totals, each).items()} for each in BY_CHECK)]


def unpacked(said: list[Any]) -> Totals:
    numbers, counts, *by_check = said
    found: dict[str, Any] = dict(zip(NUMBERS, numbers, strict=True))
    found |= {name: _long(short) for name, short in zip(COUNTS, counts, strict=True)}
    for name, checks in zip(BY_CHECK, by_check, strict=True):
        found[name] = {check: _long(short) for check, short in checks.items()}
    return Totals(**found)


def _short(counts: Counts) -> list[int]:
    """Without the noughts at its end."""
    numbers = [getattr(counts, name) for name in Counts.model_fields]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers


def _long(short: list[int]) -> Counts:
    return Counts(**dict(zip(Counts.model_fields, short, strict=False)))
